/**
 * The reference of every export of the package, by TypeDoc: a page for each subpath. Every public name has a sentence, and every
 * member of a type with a name; what has none is a fault here, so the site is not built without it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  Application,
  type Context,
  Converter,
  Logger,
  type ProjectReflection,
  type Reflection,
  ReflectionKind,
  UnknownType,
} from "typedoc"
import { type Subpath, slugOf, subpaths } from "./api-paths.ts"
import { places } from "./documents.ts"
import { BASE, type Page, relink, table } from "./markdown.ts"

const root = new URL("../../", import.meta.url)

const NAMES = ["Variable", "Function", "Class", "Interface", "TypeAlias", "Property", "Method", "Accessor"] as const

/** Modules are called as they are imported; of a statechart's type only its name says anything: it has a page of its own. */
const tidy = (paths: ReadonlyArray<Subpath>) => (context: Context) => {
  const { project } = context
  for (const module of project.children ?? []) {
    const path = paths.find(({ file }) => file === module.sources?.[0]?.fullFileName)
    if (path !== undefined) module.name = path.name
    for (const child of module.children ?? []) {
      if (child.type?.type !== "reference" || child.type.name !== "StateMachine") continue
      project.removeTypeReflections(child.type)
      child.type = new UnknownType("StateMachine")
    }
  }
}

/** A member of a type without a name is told of where that type stands. */
const isNameless = (reflection: Reflection): boolean => {
  for (let at = reflection.parent; at !== undefined; at = at.parent)
    if (at.kind === ReflectionKind.TypeLiteral) return true
  return false
}

export interface Api {
  readonly pages: ReadonlyArray<Page>
  /** Names without a sentence. */
  readonly undocumented: ReadonlyArray<string>
  /** Types that public names are made of, and that nobody can import. */
  readonly unexported: ReadonlyArray<string>
  /** How many names there are. */
  readonly expected: number
}

const HANDED_BACK = "handed out to be handed back: nobody makes one"
const KEPT_INSIDE = "what the simulator keeps of a run: read through Simulation, never made"
const OPEN_CONTACT = "what an open contact consists of: read through its stores"
const SHAPE = "the shape of a codec, whose value is exported"
const COMPUTED = "what a type is computed of"

/** Names that nobody can import, each with why nobody has to. Any other is to be exported; one that is not needed is a fault as well. */
const UNNAMED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["DiskImage", "EncryptionsMemory", "WitnessMemory", "Intents", "Life", "Pairing", "RunRecord"].map((name) => [
      name,
      KEPT_INSIDE,
    ]),
  ),
  ...Object.fromEntries(
    ["LiveContact", "Shown", "Changed", "Summary", "Cell", "Derived"].map((name) => [name, OPEN_CONTACT]),
  ),
  ...Object.fromEntries(["Lease", "PeerConnection", "KeysAhead"].map((name) => [name, HANDED_BACK])),
  ...Object.fromEntries(
    ["accept", "bundle", "hello", "kinds", "shape", "staticPublicShape", "tellShape", "timer"].map((name) => [
      name,
      SHAPE,
    ]),
  ),
  ...Object.fromEntries(["Value", "Plain", "STATES", "VERSION"].map((name) => [name, COMPUTED])),
}

/** Keeps what TypeDoc has to say. */
class Kept extends Logger {
  readonly messages: Array<string> = []

  override log(message: string): void {
    this.messages.push(message)
  }
}

/** Sentences of TypeDoc about types that are used in public and are not public themselves, and about those excused in vain. */
const unexportedIn = (app: Application, project: ProjectReflection): ReadonlyArray<string> => {
  const { logger } = app
  const kept = new Kept()
  app.logger = kept
  app.validate(project)
  app.logger = logger
  return kept.messages.filter((message) => /not included in the documentation|intentionally not exported/.test(message))
}

const convert = async (app: Application): Promise<ProjectReflection> => {
  const project = await app.convert()
  if (project === undefined) throw new Error("TypeDoc could not read the sources")
  const nameless = Object.values(project.reflections).filter(isNameless)
  app.options.setValue("intentionallyNotDocumented", [
    ...new Set(nameless.map((reflection) => reflection.getFriendlyFullName())),
  ])
  return project
}

export const apiOf = async (paths: ReadonlyArray<Subpath> = subpaths()): Promise<Api> => {
  const folder = mkdtempSync(join(tmpdir(), "sotto-api-"))
  try {
    const app = await Application.bootstrapWithPlugins({
      entryPoints: paths.map(({ file }) => file),
      tsconfig: fileURLToPath(new URL("tsconfig.build.json", root)),
      plugin: ["typedoc-plugin-markdown", "typedoc-plugin-coverage"],
      // `npm run check` does that.
      skipErrorChecking: true,
      logLevel: "Error",
      excludePrivate: true,
      // What Effect's errors inherit is Effect's to document.
      excludeExternals: true,
      disableGit: true,
      sourceLinkTemplate: "#",
      readme: "none",
      requiredToBeDocumented: [...NAMES],
      validation: { ...NOTHING_ELSE, notExported: true },
      intentionallyNotExported: Object.keys(UNNAMED),
      router: "module",
      outputs: [{ name: "markdown", path: folder }],
      ...OUTPUT,
      coverageOutputType: "json",
      coverageOutputPath: join(folder, "coverage.json"),
    } as Parameters<typeof Application.bootstrapWithPlugins>[0])
    app.converter.on(Converter.EVENT_RESOLVE_BEGIN, tidy(paths))
    const project = await convert(app)
    const unexported = unexportedIn(app, project)
    await app.generateOutputs(project)
    const { expected, notDocumented } = JSON.parse(readFileSync(join(folder, "coverage.json"), "utf8")) as {
      readonly expected: number
      readonly notDocumented: ReadonlyArray<string>
    }
    // A constructor in a type without a name has no name to be excused by.
    const undocumented = notDocumented.filter((name) => !name.includes(".__type."))
    const pages = pagesIn(folder, paths)
    if (pages.length !== paths.length) throw new Error(`${pages.length} pages for ${paths.length} subpaths`)
    return { pages: [overviewOf(paths), ...pages], undocumented, unexported, expected }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const NOTHING_ELSE = {
  invalidLink: false,
  invalidPath: false,
  notDocumented: false,
  rewrittenLink: false,
  unusedMergeModuleWith: false,
} as const

/** What one calls comes first. Of typedoc-plugin-markdown: members as tables, and nothing that the site has anyway. */
const OUTPUT = {
  groupOrder: ["Functions", "Variables", "Interfaces", "Type Aliases", "Classes", "*"] as Array<string>,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hidePageTitle: true,
  hideGroupHeadings: false,
  useCodeBlocks: true,
  expandObjects: false,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  tableColumnSettings: { hideSources: true, hideModifiers: true, hideInherited: true },
} as const

/** What a file says of itself in the comment that it begins with. Documents that it names are links, other files stand as code. */
export const introductionOf = ({ file, name }: Subpath): string => {
  const [, comment = ""] = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, "utf8")) ?? []
  const text = comment.replaceAll(/^[ \t]*\*?[ \t]?/gm, "").trim()
  if (text === "") throw new Error(`${name} does not begin with a comment that says what it is`)
  const linked = text.replaceAll(/(?<![\w./`-])(?:docs\/)?([\w-]+\.md)\b/g, (_, document: string) =>
    document === "README.md" ? "`README.md`" : `[${document}](docs/${document})`,
  )
  return relink(linked, "", places).replaceAll(/(?<![\w./`-])(?:[\w-]+\/)*[\w-]+\.ts\b/g, "`$&`")
}

/** Every subpath with the first sentence about it. */
const overviewOf = (paths: ReadonlyArray<Subpath>): Page => {
  const rows = paths.map((path) => [
    `[\`${path.name}\`](${BASE}/${slugOf(path.name)}/)`,
    introductionOf(path).split(/(?<=\.)\s/)[0]!,
  ])
  const text = `What can be imported, and from where. A bundler takes what is imported and nothing else: each transport, each store and each way to unlock has a subpath of its own. [Start](${BASE}/guides/start/) shows the first of them at work.\n\n${table(["import", "what it is"], rows)}\n`
  return {
    slug: "api/index",
    text: `---\ntitle: "What can be imported"\neditUrl: false\nsidebar: { order: -1, label: "Overview" }\n---\n\n${text}`,
  }
}

const pagesIn = (folder: string, paths: ReadonlyArray<Subpath>): ReadonlyArray<Page> => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"))
  return files.flatMap((file) => {
    const name = file.replace(/\.md$/, "")
    const order = paths.findIndex((path) => path.name === name)
    if (order < 0) return []
    const reference = relinked(withFiles(readFileSync(join(folder, file), "utf8")), file)
    const text = `${introductionOf(paths[order]!)}\n\n${reference}`
    const front = `---\ntitle: ${JSON.stringify(name)}\neditUrl: false\nsidebar: { order: ${order} }\ntableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 }\n---\n\n`
    return [{ slug: slugOf(name), text: `${front}${text}` }]
  })
}

/** Where it is written, as text: a file of the repository is no page. */
const withFiles = (markdown: string): string =>
  markdown.replace(/^Defined in: \[(.*?)(?::\d+)?\]\(#\)\n\n/gm, (_, file: string) =>
    file.startsWith("src/") ? `In \`${file.replaceAll("\\", "")}\`\n\n` : "",
  )

/** Links between the pages lead where the site has them. */
const relinked = (markdown: string, from: string): string =>
  markdown.replace(/\]\(([^)\s#]*\.md)?(#[^)\s]*)?\)/g, (whole, path: string | undefined, anchor = "") => {
    if (path === undefined) return whole
    const { pathname } = new URL(path, `https://site.invalid/${from}`)
    return `](${BASE}/${slugOf(pathname.slice(1).replace(/\.md$/, ""))}/${anchor.toLowerCase()})`
  })
