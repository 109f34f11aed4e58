/**
 * The import rules of docs/architecture.md as functions over source texts, so that a test can also feed them a deliberate
 * fault. Every rule answers with sentences; none means that it holds.
 */
import { posix } from "node:path"
import ts from "typescript"

/** A source file: its path from the root of the repository, with `/`, and its text. */
export interface Source {
  readonly path: string
  readonly text: string
}

interface Import {
  /** As written. */
  readonly from: string
  /** The path inside the repository, or undefined for a package. */
  readonly path: string | undefined
  readonly typeOnly: boolean
}

const parse = ({ path, text }: Source): ts.SourceFile => ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true)

export const importsOf = (source: Source): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const from = specifier.text
    const path = from.startsWith(".") ? posix.join(posix.dirname(source.path), from) : undefined
    found.push({ from, path, typeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal as ts.Expression, true)
    }
    ts.forEachChild(node, visit)
  }
  visit(parse(source))
  return found
}

const isTypeOnly = ({ importClause }: ts.ImportDeclaration): boolean => {
  if (importClause === undefined) return false
  if (importClause.isTypeOnly) return true
  const { name, namedBindings } = importClause
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  )
}

/** The rooms of src, by the beginning of a path. */
const isIn = (path: string | undefined, ...rooms: ReadonlyArray<string>): boolean =>
  path !== undefined && rooms.some((room) => path === room || path.startsWith(`${room}/`))

const isPackage = (from: string, ...names: ReadonlyArray<string>): boolean =>
  names.some((name) => from === name || from.startsWith(`${name}/`))

/** What a core port is, for an adapter: the ports, and the helpers that carry no protocol. */
const PORTS = [
  "src/core/transport.ts",
  "src/core/store.ts",
  "src/core/transport-from-promises.ts",
  "src/core/storage-from-promises.ts",
  "src/core/crypto",
  "src/core/codec",
  "src/core/host/listing.ts",
  "src/core/vault/unlock.ts",
  "src/core/vault/argon2.ts",
]

/** Rooms that adapters share: what a kind of adapter has in common, and no adapter itself. */
const SHARED = [
  "src/adapters/crypto/random.ts",
  "src/adapters/unlock/argon2.ts",
  "src/adapters/transport/webrtc",
  "src/adapters/storage/browser",
]

/** The adapter that a file belongs to: `transport/peerjs` for `transport/peerjs.ts` and all that lies below. */
const adapterOf = (path: string): string => {
  const [, , kind, name = ""] = path.split("/")
  // The suppliers of primitives are chosen among themselves.
  return kind === "crypto" ? "crypto" : `${kind}/${name.replace(/\.ts$/, "")}`
}

type Rule = (source: Source, imported: Import) => boolean

/** May this file import that? */
const rules: ReadonlyArray<readonly [room: string, may: Rule]> = [
  [
    "src/machines",
    (_, { from, path, typeOnly }) =>
      from === "xstate" ||
      isIn(path, "src/machines", "src/core/host/command.ts", "src/core/host/step.ts") ||
      (typeOnly && isIn(path, "src/core")),
  ],
  [
    "src/core",
    (_, { from, path }) =>
      isIn(path, "src/core", "src/machines") || isPackage(from, "effect", "xstate", "@noble", "@scure", "ts-mls"),
  ],
  [
    "src/adapters",
    (source, { from, path }) =>
      path === undefined
        ? !isPackage(from, "xstate", "ts-mls", "vitest", "fast-check")
        : isIn(path, ...PORTS) ||
          isIn(path, ...SHARED) ||
          (isIn(path, "src/adapters") && adapterOf(path) === adapterOf(source.path)),
  ],
  [
    "src/spec",
    (_, { from, path }) =>
      isIn(path, "src/spec", "src/core", "src/machines") || isPackage(from, "effect", "xstate", "fast-check"),
  ],
]

export const forbiddenImports = (source: Source): ReadonlyArray<string> => {
  const rule = rules.find(([room]) => isIn(source.path, room))
  const imports = importsOf(source)
  const against = rule === undefined ? [] : imports.filter((imported) => !rule[1](source, imported))
  // The root entry holds all of Effect, and Schema most of its weight.
  const heavy = imports.filter(
    ({ from, typeOnly }) =>
      from === "effect" ||
      (isPackage(from, "effect/Schema") && !typeOnly && isIn(source.path, "src/core", "src/machines")),
  )
  const outside = imports.filter(({ path }) => path !== undefined && !isIn(path, "src"))
  return [...new Set([...against, ...heavy, ...outside])].map(({ from }) => `${source.path} imports "${from}"`)
}

/** What ECMAScript gives everybody, without time and chance, and three more that every runtime has. */
const EVERYWHERE = new Set(
  (
    "Array ArrayBuffer BigInt Boolean DataView Error Infinity JSON Map Math NaN Number Object Promise RangeError RegExp " +
    "Set String Symbol SyntaxError TypeError Uint8Array Uint16Array Uint32Array Int32Array WeakMap WeakRef WeakSet isNaN undefined " +
    "TextDecoder TextEncoder queueMicrotask"
  ).split(" "),
)

const NO_CHANCE = ["Math.random"]

/** Values that no declaration of the file introduces, and that not every runtime has. For core and machines. */
export const forbiddenGlobals = (sources: ReadonlyArray<Source>): ReadonlyArray<string> => {
  const pure = sources.filter(({ path }) => isIn(path, "src/core", "src/machines"))
  const files = new Map(pure.map((source) => [source.path, parse(source)]))
  const program = ts.createProgram({
    rootNames: [...files.keys()],
    // Without libraries and other files whatever is not declared in the file itself stays unresolved.
    options: {
      noLib: true,
      noResolve: true,
      target: ts.ScriptTarget.ES2024,
      types: [],
      allowImportingTsExtensions: true,
    },
    host: {
      getSourceFile: (name) => files.get(name),
      getDefaultLibFileName: () => "",
      writeFile: () => {},
      getCurrentDirectory: () => "",
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (name) => files.has(name),
      readFile: () => undefined,
    },
  })
  const checker = program.getTypeChecker()
  const found: Array<string> = []
  const visit = (file: ts.SourceFile, node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node) || (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node))) return
    if (ts.isPropertyAccessExpression(node) && NO_CHANCE.includes(node.getText(file))) {
      found.push(`${file.fileName} uses ${node.getText(file)}`)
    }
    if (ts.isIdentifier(node) && isValue(node) && !EVERYWHERE.has(node.text)) {
      const symbol = ts.isShorthandPropertyAssignment(node.parent)
        ? checker.getShorthandAssignmentValueSymbol(node.parent)
        : checker.getSymbolAtLocation(node)
      if (symbol === undefined || !symbol.declarations?.length) found.push(`${file.fileName} uses ${node.text}`)
    }
    ts.forEachChild(node, (child) => visit(file, child))
  }
  for (const file of files.values()) visit(file, file)
  return [...new Set(found)]
}

/** Whether the identifier is a value that is looked up, and not the name of something. */
const isValue = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isBindingElement(parent)) return parent.initializer === node
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent)) return false
  if (ts.isExportSpecifier(parent) || ts.isMetaProperty(parent) || ts.isLabeledStatement(parent)) return false
  if (ts.isInterfaceDeclaration(parent) || ts.isTypeAliasDeclaration(parent) || ts.isTypeParameterDeclaration(parent)) {
    return false
  }
  if (ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isAccessor(parent)) {
    return parent.name !== node
  }
  return !(ts.isPropertySignature(parent) || ts.isMethodSignature(parent))
}

export const defaultExports = (source: Source): ReadonlyArray<string> => {
  const isDefault = (statement: ts.Statement): boolean =>
    ts.isExportAssignment(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) ||
    (ts.isExportDeclaration(statement) &&
      statement.exportClause !== undefined &&
      ts.isNamedExports(statement.exportClause) &&
      statement.exportClause.elements.some(({ name }) => name.text === "default"))
  return parse(source).statements.some(isDefault) ? [`${source.path} has a default export`] : []
}

/** Longer than this, look for the second thing in it. */
export const MAX_LINES = 300

export const tooLong = ({ path, text }: Source): ReadonlyArray<string> => {
  const lines = text.split("\n").length - 1
  return lines > MAX_LINES ? [`${path} has ${lines} lines`] : []
}

/** Runtime dependencies, peers that are not optional included. */
export const MAX_DEPENDENCIES = 10

export interface Package {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly scripts?: Readonly<Record<string, string>>
}

export interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly devOptional?: boolean; readonly hasInstallScript?: boolean }>
  >
}

export const dependencyFaults = (manifest: Package): ReadonlyArray<string> => {
  const exact = Object.entries(manifest.dependencies ?? {})
  const peers = Object.keys(manifest.peerDependencies ?? {}).filter(
    (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
  )
  const count = exact.length + peers.length
  return [
    ...exact.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)).map(([name, v]) => `${name} is not exact: ${v}`),
    ...(count > MAX_DEPENDENCIES ? [`${count} runtime dependencies`] : []),
  ]
}

const ON_INSTALL = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"]

/** Code that runs on the machine of whoever installs the package: ours, or that of something that comes with it. */
export const installScripts = (manifest: Package, lock: Lock): ReadonlyArray<string> => [
  ...ON_INSTALL.filter((name) => manifest.scripts?.[name] !== undefined).map((name) => `our own "${name}"`),
  ...Object.entries(lock.packages)
    .filter(([path, { dev, devOptional, hasInstallScript }]) => path !== "" && hasInstallScript && !dev && !devOptional)
    .map(([path]) => `${path} has an install script`),
]
