import type { Json } from './json.js';
import type { Schema } from './shape.js';
import type { ExtendedType } from './shape.js';

/**
 * The state of a form: a tree that follows the shapes of a schema and keeps what was typed, half
 * numbers and broken JSON included. Immutable: an edit makes a new tree that shares what it did not
 * touch. Every node can be turned into a `json` node, so whatever JSON can say can be entered.
 */
export type FormNode =
  | TextNode
  | NumberNode
  | BooleanNode
  | ChoiceNode
  | ConstantNode
  | ExtendedNode
  | ListNode
  | ObjectNode
  | AlternativesNode
  | JsonNode;

interface Node<K extends string> {
  readonly kind: K;
  readonly schema: Schema;
}

export interface TextNode extends Node<'text'> {
  readonly text: string;
}

/** As typed: empty means that there is no value yet. */
interface NumberNode extends Node<'number'> {
  readonly text: string;
}

interface BooleanNode extends Node<'boolean'> {
  readonly value: boolean;
}

interface ChoiceNode extends Node<'choice'> {
  readonly options: readonly Json[];
  /** Null: not chosen yet. */
  readonly index: number | null;
}

interface ConstantNode extends Node<'constant'> {
  readonly value: Json;
}

export interface ExtendedNode extends Node<'extended'> {
  readonly type: ExtendedType;
  readonly text: string;
  /** Sent as `{"$key": text}`; passwords and integers may also be sent plain. */
  readonly isWrapped: boolean;
}

interface ListItem {
  /** Tells items apart while they are moved and removed. */
  readonly key: number;
  readonly node: FormNode;
}

export interface ListNode extends Node<'list'> {
  readonly items: readonly ListItem[];
  readonly nextKey: number;
}

export interface ObjectField {
  readonly name: string;
  readonly isPresent: boolean;
  /** Kept when the field is unset, so that setting it again brings back what was typed. */
  readonly node: FormNode | null;
}

export interface ExtraField {
  readonly key: number;
  readonly name: string;
  readonly node: FormNode;
}

export interface ObjectNode extends Node<'object'> {
  readonly fields: readonly ObjectField[];
  readonly extras: readonly ExtraField[];
  readonly nextKey: number;
}

export interface AlternativesNode extends Node<'alternatives'> {
  readonly selected: number | null;
  /** One for each alternative that was looked at: going back finds what was typed. */
  readonly nodes: readonly (FormNode | null)[];
}

export interface JsonNode extends Node<'json'> {
  readonly text: string;
}
