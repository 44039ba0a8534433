import { LiquidError } from 'liquidjs';
import { messageOf } from '../../common/index.js';
import { GuardError } from './guard.js';

/** What went wrong in a template, and where. */
export interface TemplateFault {
  readonly message: string;
  /** Below the plugin directory. */
  readonly template?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Of an error that Liquid has thrown: its own words without the excerpt, which may hold values. */
export function describeTemplateError(
  error: unknown,
  nameOf: (text: string) => string | undefined = () => undefined,
): TemplateFault {
  if (!LiquidError.is(error)) return { message: messageOf(error) };
  const { token, originalError } = error;
  const [line, column] = token.getPosition() as [number, number];
  const template = token.file ?? nameOf(token.input); // tokens of variables have lost their file
  const place = { ...(template !== undefined && { template }), line, column };
  const guard = guardOf(originalError);
  if (guard !== null) {
    return { message: `value of \`${expressionOf(token.getText())}\` ${guard.reason}`, ...place };
  }
  return { message: plainMessage(error), ...place };
}

function guardOf(error: unknown): GuardError | null {
  if (error instanceof GuardError) return error;
  return error instanceof Error && 'originalError' in error ? guardOf(error.originalError) : null;
}

/** `{{- server.address | upcase -}}` → `server.address`. */
function expressionOf(text: string): string {
  const inner = /^\{[{%]-?\s*(?:echo\s+|cycle\s+)?([\s\S]*?)\s*-?[}%]\}$/.exec(text)?.[1] ?? text;
  return (inner.split('|')[0] ?? inner).trim();
}

/** Liquid appends the place, which is told by itself. */
function plainMessage(error: Error): string {
  return error.message.replace(/, file:.*$/s, '').replace(/, line:.*$/s, '');
}
