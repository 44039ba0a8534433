/** One step of a mask between two stars: a piece of text, or one character of those that fit. */
export type MaskStep = string | ((codePoint: number) => boolean);

/** What a mask has between two stars. */
export interface MaskSegment {
  readonly steps: readonly MaskStep[];
  /** In characters, not units: whatever fits has as many. */
  readonly length: number;
}

type Range = readonly [from: number, to: number];

const ANY = (): boolean => true;

/** The segments of a mask, as many as it has stars and one; several stars in a row are one. */
export function segmentsOf(mask: string): readonly MaskSegment[] {
  const characters = Array.from(mask);
  const lastClosing = characters.lastIndexOf(']');
  const segments = [new SegmentBuilder()];
  for (let i = 0; i < characters.length; i += 1) {
    const character = characters[i] ?? '';
    const segment = segments.at(-1) ?? new SegmentBuilder();
    if (character === '*') {
      if (characters[i - 1] !== '*') segments.push(new SegmentBuilder());
    } else if (character === '?') {
      segment.addTest(ANY);
    } else {
      const end = character === '[' ? endOfSet(characters, i, lastClosing) : -1;
      if (end === -1) segment.addText(character);
      else segment.addTest(setOf(characters.slice(i + 1, end)));
      i = Math.max(i, end);
    }
  }
  return segments.map((segment) => segment.build());
}

class SegmentBuilder {
  readonly #steps: MaskStep[] = [];
  readonly #text: string[] = [];
  #length = 0;

  addText(character: string): void {
    this.#text.push(character);
    this.#length += 1;
  }

  addTest(test: (codePoint: number) => boolean): void {
    this.#endText();
    this.#steps.push(test);
    this.#length += 1;
  }

  build(): MaskSegment {
    this.#endText();
    return { steps: this.#steps, length: this.#length };
  }

  #endText(): void {
    if (this.#text.length > 0) this.#steps.push(this.#text.splice(0).join(''));
  }
}

/** Where the set opened at `start` is closed, -1 for an open one; a `]` right after the start is a member. */
function endOfSet(characters: readonly string[], start: number, lastClosing: number): number {
  const first = characters[start + 1] === '!' ? start + 2 : start + 1;
  // past the last `]` there is nothing to look for: a row of open sets must not be searched again and again
  return first < lastClosing ? characters.indexOf(']', first + 1) : -1;
}

function setOf(body: readonly string[]): (codePoint: number) => boolean {
  const isNegated = body[0] === '!';
  const ranges = rangesOf((isNegated ? body.slice(1) : body).map((c) => c.codePointAt(0) ?? 0));
  return (c) => ranges.some(([from, to]) => from <= c && c <= to) !== isNegated;
}

const DASH = 0x2d;

function rangesOf(members: readonly number[]): readonly Range[] {
  const ranges: Range[] = [];
  for (let i = 0; i < members.length; i += 1) {
    const from = members[i] ?? 0;
    const to = members[i + 2];
    if (members[i + 1] === DASH && to !== undefined) {
      ranges.push([from, to]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return ranges;
}
