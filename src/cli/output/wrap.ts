import { graphemesOf, widthOf } from './width.js';

/** All of a text on lines of so many cells, broken at blanks where there are some. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let cells = 0;
  for (const { segment } of graphemesOf(text)) {
    const wide = widthOf(segment);
    if (cells + wide > width && line !== '') {
      const blank = segment === ' ' ? -1 : line.lastIndexOf(' ');
      lines.push((blank > 0 ? line.slice(0, blank) : line).trimEnd());
      line = blank > 0 ? line.slice(blank + 1) : '';
      if (segment === ' ') line = '';
      cells = widthOf(line);
    }
    if (segment === ' ' && line === '' && lines.length > 0) continue; // the break is the blank
    line += segment;
    cells += wide;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}
