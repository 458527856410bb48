/**
 * Joins the lines of format=flowed text into paragraphs (RFC 3676 4.2): a line that ends in a space flows into the next one of the same quote
 * depth; the signature separator `-- ` never does. Space-stuffing is undone.
 * @param delSp the space before the break is part of the break, as in languages without spaces
 */
export function unflow(text: string, delSp: boolean): string {
  const out: string[] = [];
  let flowing = false;
  let depthBefore = -1;
  for (const line of text.split('\n')) {
    const depth = quoteDepth(line);
    const content = line.slice(depth).replace(/^ /, '');
    const joins = flowing && depth === depthBefore && content !== '-- ';
    const flows = content.endsWith(' ') && content !== '-- ';
    const kept = flows && delSp ? content.slice(0, -1) : content;
    if (joins) out.push(kept);
    else out.push(out.length === 0 ? '' : '\n', quoteMark(depth), kept);
    flowing = flows;
    depthBefore = depth;
  }
  return out.join('');
}

function quoteDepth(line: string): number {
  let depth = 0;
  while (line[depth] === '>') depth++;
  return depth;
}

function quoteMark(depth: number): string {
  return depth === 0 ? '' : `${'>'.repeat(depth)} `;
}
