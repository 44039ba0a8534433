// Lists what the server writes into its log and what it says when it cannot start, as it stands in the sources; what
// changes from line to line is shown as `…`. Used by the test that keeps docs/operations.md complete.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What an operator sees; `debug` and `trace` are for those who read the code. */
const LEVELS = new Set(['info', 'warn', 'error', 'fatal']);
/** Commands and clients have no log; tests and what only looks like a log are none of it. */
const NOT_THE_SERVER =
  /^src\/(cli|client|mounting|testing)\/|^src\/logging\/nest-logger|\.spec\.ts$/;
/** Where an error that is thrown ends the start, and is what the operator reads. */
const OF_THE_START =
  /^src\/(main|server\/(application|debug-listener|state-folder|starting-folder)|config\/.*|gateway\/transport\/(listeners|tls-files|unix-listener|unix-group)|(process|system)\/.*|logging\/.*|datastore\/(sealing\/(secret-box|agree-on-key)|open-datastore|lease|drivers\/.*))\.ts$/;
/** Fields and constants whose text becomes part of such an error. */
const PART_OF_ERRORS = new Map([
  ['src/config/', 'what'],
  ['src/datastore/drivers/mongodb/mongo-failure', 'text'],
  ['src/datastore/drivers/sqlite/sqlite-failure', 'text'],
]);

/** @returns {{ level: string, text: string, file: string }[]} each message once for each level */
export function serverMessages() {
  const found = new Map();
  for (const path of sources()) {
    const file = relative(ROOT, path);
    const tree = ts.createSourceFile(
      file,
      readFileSync(path, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    walk(tree, (node) => {
      const [level, texts] = messageOf(node, file);
      for (const text of texts) {
        if (/[^…: .]/.test(text)) found.set(`${level} ${text}`, { level, text, file });
      }
    });
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

function sources() {
  return ['src', 'plugins'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .filter((path) => !NOT_THE_SERVER.test(relative(ROOT, path))),
  );
}

function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** What a node says and at which level; `start` for an error that ends the start. */
function messageOf(node, file) {
  if (OF_THE_START.test(file)) {
    const isSuper =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
    if (ts.isNewExpression(node) || isSuper) return ['start', textsOfError(node)];
    const part = [...PART_OF_ERRORS].find(([folder]) => file.startsWith(folder))?.[1];
    const isConstant = ts.isVariableDeclaration(node) && file.startsWith('src/config/');
    if ((isConstant || ts.isPropertyAssignment(node)) && node.name.getText() === part) {
      return ['start', textsOf(node.initializer)];
    }
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression))
    return ['', []];
  const { name, expression } = node.expression;
  if (name.text === 'tell') return told(node.arguments);
  if (!LEVELS.has(name.text)) return ['', []];
  const isLog = /(^|[.#])(log|logger|createLogger|create)(\(.*\))?$/is.test(expression.getText());
  return isLog || name.text === 'fatal' ? [name.text, textsOf(node.arguments[0])] : ['', []];
}

/** A line of an executor process goes to the server as `tell('logger', level, [text, ...])`. */
function told([desk, level, given]) {
  const isLine = desk?.text === 'logger' && level !== undefined && ts.isStringLiteral(level);
  if (!isLine || !ts.isArrayLiteralExpression(given)) return ['', []];
  return [level.text, textsOf(given.elements[0])];
}

function textsOfError({ expression, arguments: given }) {
  const name = expression.getText();
  if (name === 'DatastoreException' || name === 'super') return textsOf(given[1]);
  if (name === 'ConfigurationError' && ts.isArrayLiteralExpression(given[0])) {
    return given[0].elements.flatMap(textsOf);
  }
  return name === 'Error' || name === 'LivingServerError' ? textsOf(given[0]) : [];
}

/** Every text that an expression may stand for; what cannot be known is `…`. */
function textsOf(node) {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')];
  }
  if (ts.isConditionalExpression(node)) {
    return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return textsOf(node.left).flatMap((left) => textsOf(node.right).map((right) => left + right));
  }
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isIdentifier(node)) return textsOfName(node);
  return ['…'];
}

/** A constant of the same file, or what a function is called with whose parameter it is. */
function textsOfName(name) {
  for (let scope = name.parent; scope !== undefined; scope = scope.parent) {
    if (ts.isFunctionLike(scope)) {
      const index = scope.parameters.findIndex(({ name: own }) => own.getText() === name.text);
      if (index !== -1) return argumentsOf(scope, index);
    }
    let texts = null;
    ts.forEachChild(scope, (child) => {
      if (!ts.isVariableStatement(child)) return;
      for (const { name: own, initializer } of child.declarationList.declarations) {
        if (own.getText() === name.text) texts = textsOf(initializer);
      }
    });
    if (texts !== null) return texts;
  }
  return ['…'];
}

function argumentsOf(called, index) {
  const name = called.name?.getText();
  if (name === undefined) return ['…'];
  const texts = [];
  walk(called.getSourceFile(), (node) => {
    if (!ts.isCallExpression(node) || node.arguments[index] === undefined) return;
    const callee = node.expression;
    const own = ts.isPropertyAccessExpression(callee) ? callee.name.getText() : callee.getText();
    if (own === name) texts.push(...textsOf(node.arguments[index]));
  });
  return texts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { level, text, file } of serverMessages()) console.log(`${level}\t${text}\t${file}`);
}
