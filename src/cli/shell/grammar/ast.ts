/** What a line or a script of the shell says. Each node knows where it stands, for messages and completion. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value as it was written; what it means is decided by the schema of the argument that it is for. */
export type Value =
  | ({ readonly kind: 'bare'; readonly text: string } & Span)
  | ({ readonly kind: 'quoted'; readonly parts: readonly TextPart[] } & Span)
  | ({ readonly kind: 'list'; readonly items: readonly Value[] } & Span)
  | ({ readonly kind: 'object'; readonly entries: readonly ObjectEntry[] } & Span)
  | Expansion;

/** What stands for a value that is known only when the line runs. */
export type Expansion =
  /** `path` is what stands behind the name, as in `$it.state`; empty in a text, where a full stop is one. */
  | ({ readonly kind: 'variable'; readonly name: string; readonly path: string } & Span)
  | ({ readonly kind: 'output'; readonly pipeline: Pipeline } & Span)
  | ({ readonly kind: 'status' } & Span);

/** Of a text in double quotes; one in single quotes is a single part. */
export type TextPart = string | Expansion;
export type ObjectEntry = readonly [key: string, value: Value];

export type Assignment = '=' | '+=' | '-=';
export type Comparison = '==' | '!=' | '<=' | '>=' | '<' | '>' | '~=' | '!~=' | 'in' | 'contains';

export type Argument =
  | ({ readonly kind: 'positional'; readonly value: Value } & Span)
  | ({
      readonly kind: 'named';
      readonly name: string;
      readonly operator: Assignment | Comparison;
      readonly value: Value;
    } & Span)
  /** `--flag` or `--flag=value`. */
  | ({ readonly kind: 'flag'; readonly name: string; readonly value: Value | null } & Span);

/** Path words and arguments; where the one ends and the other begins only the tree of commands can tell. */
export interface Command extends Span {
  /** It begins with `/`: from the top, wherever one stands. */
  readonly isAbsolute: boolean;
  readonly words: readonly Argument[];
}

export interface Redirection extends Span {
  readonly mode: 'write' | 'append';
  readonly file: Value;
}

/** A command and the stages behind it. */
export interface Pipeline extends Span {
  readonly kind: 'pipeline';
  readonly command: Command;
  readonly stages: readonly Stage[];
  readonly redirection: Redirection | null;
}

/** `each { … }` has a block, every other stage words. */
export interface Stage extends Span {
  readonly words: readonly Argument[];
  readonly block: readonly Statement[] | null;
}

/** Pipelines with what joins each to the one before it. */
export interface Sequence extends Span {
  readonly kind: 'sequence';
  readonly first: Pipeline;
  readonly rest: readonly { readonly joint: '&&' | '||'; readonly pipeline: Pipeline }[];
  /** It ends with `&`: the tasks that it begins are not waited for. */
  readonly isBackground: boolean;
}

export type Statement =
  | Sequence
  | ({ readonly kind: 'set'; readonly name: string; readonly value: Value | Pipeline } & Span)
  | ({
      readonly kind: 'for';
      readonly name: string;
      readonly list: Value;
      readonly body: readonly Statement[];
    } & Span)
  | ({
      readonly kind: 'if';
      readonly condition: Sequence;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[] | null;
    } & Span)
  | ({ readonly kind: 'try'; readonly body: readonly Statement[] } & Span);

/** What is wrong, and where. */
export interface SyntaxProblem extends Span {
  readonly message: string;
}

export interface Parsed {
  readonly statements: readonly Statement[];
  readonly problems: readonly SyntaxProblem[];
  /** What was begun and may go on in the next line: a quote, a bracket, a pipe; null when nothing was. */
  readonly open: string | null;
}
