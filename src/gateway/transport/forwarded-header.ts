/** A piece of a `Forwarded` header: a quoted text, what may stand between, or a comma. */
const PIECE = /"(?:[^"\\]|\\[\s\S])*"|[^",]+|,/gy;
const PARAMETER = /\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s",;]*))\s*(?:;|$)/gy;

/**
 * The nodes of the `for` parameters of a `Forwarded` header (RFC 7239, section 4), in their order; null
 * for an element that has none, or is none. A quote that nobody closes leaves nothing to go by: what was
 * written by whom cannot be told, and there is one element, which is null.
 */
export function forwardedNodes(header: string): (string | null)[] {
  const elements = elementsOf(header);
  return elements === null ? [null] : elements.map(nodeOf);
}

function elementsOf(header: string): string[] | null {
  const elements: string[] = [];
  let element = '';
  let end = 0;
  for (const [piece] of header.matchAll(PIECE)) {
    end += piece.length;
    if (piece === ',') {
      elements.push(element);
      element = '';
    } else {
      element += piece;
    }
  }
  return end === header.length ? [...elements, element] : null;
}

function nodeOf(element: string): string | null {
  let node: string | null = null;
  let end = 0;
  for (const [text, name = '', quoted, token] of element.matchAll(PARAMETER)) {
    end += text.length;
    if (name.toLowerCase() !== 'for') continue;
    if (node !== null) return null;
    node = quoted?.replace(/\\([\s\S])/g, '$1') ?? token ?? '';
  }
  return end === element.length ? node : null;
}
