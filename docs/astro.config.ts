/** The documentation site: static pages under /docs/, nothing requested from elsewhere. */
import starlight from "@astrojs/starlight"
import { defineConfig, passthroughImageService } from "astro/config"

export default defineConfig({
  base: "/docs",
  outDir: "../dist/docs",
  trailingSlash: "always",
  build: { assets: "assets" },
  image: { service: passthroughImageService() },
  vite: { server: { fs: { allow: [".."] } }, build: { assetsInlineLimit: 0 } },
  integrations: [
    starlight({
      title: "Sotto",
      favicon: "/icon.svg",
      customCss: [
        "@fontsource-variable/inter/wght.css",
        "@fontsource/jetbrains-mono/400.css",
        "./src/styles/site.css",
        "./src/styles/chart.css",
        "./src/styles/bytes.css",
        "./src/styles/stepper.css",
      ],
      pagination: true,
      credits: false,
      // Long lines of code go on in the next one: nothing to scroll on a phone, or without a mouse.
      expressiveCode: { defaultProps: { wrap: true } },
      sidebar: [
        { label: "Sotto", link: "/" },
        { label: "Guides", items: [{ autogenerate: { directory: "guides" } }] },
        { label: "Concepts", items: [{ autogenerate: { directory: "concepts" } }] },
        { label: "See it", items: [{ autogenerate: { directory: "see" } }] },
        { label: "Scenarios", items: [{ autogenerate: { directory: "scenarios" } }] },
        { label: "Machines", items: [{ autogenerate: { directory: "machines" } }] },
        { label: "Reference", items: [{ autogenerate: { directory: "reference" } }] },
        { label: "API", collapsed: true, items: [{ autogenerate: { directory: "api" } }] },
      ],
    }),
  ],
})
