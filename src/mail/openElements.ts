import type { Mark } from './htmlMarks.ts';

/** What matters about an element: what it marks, that its text is not seen, or that its blanks and line ends count. */
export type Trait = Mark | 'unseen' | 'verbatim';

interface Open {
  tag: string;
  trait: Trait;
  /** Elements of the same name opened inside it and still open. */
  nested: number;
}

/** Elements with a trait that are open at once; a deeper one counts as part of the last. */
const MAX_OPEN = 200;
/** Levels of quotation that are told apart. */
const MAX_DEPTH = 8;
const NO_MARKS: ReadonlySet<Mark> = new Set();

/**
 * The open elements that have a trait. There is no tree: an element ends with the closing tag that balances the tags of its own name, so that
 * nesting, missing and misplaced tags of others cost nothing, whatever their number.
 */
export class OpenElements {
  private readonly open: Open[] = [];
  private readonly byTag = new Map<string, Open[]>();
  private readonly counts = new Map<Trait, number>();
  private divided = false;
  private current: ReadonlySet<Mark> = NO_MARKS;

  /** The marks of the elements that are open; `divider` from the divider on to the end. */
  get marks(): ReadonlySet<Mark> {
    return this.current;
  }

  /** How many quotations are open. */
  get depth(): number {
    return Math.min((this.counts.get('cite') ?? 0) + (this.counts.get('block') ?? 0), MAX_DEPTH);
  }

  has(trait: Trait): boolean {
    return (this.counts.get(trait) ?? 0) > 0;
  }

  /** @returns whether the marks have changed */
  enter(tag: string, trait: Trait | undefined): boolean {
    if (trait !== undefined && trait !== 'divider' && this.open.length < MAX_OPEN) {
      const element = { tag, trait, nested: 0 };
      this.open.push(element);
      const sameTag = this.byTag.get(tag);
      if (sameTag) sameTag.push(element);
      else this.byTag.set(tag, [element]);
      return this.count(trait, 1);
    }
    const enclosing = this.byTag.get(tag)?.at(-1);
    if (enclosing) enclosing.nested++;
    if (trait !== 'divider' || this.divided) return false;
    this.divided = true;
    return this.count(trait, 0);
  }

  /** Ends the element that this closing tag balances, and what was left open inside it. @returns whether the marks have changed */
  leave(tag: string): boolean {
    const closing = this.byTag.get(tag)?.at(-1);
    if (!closing) return false;
    if (closing.nested > 0) {
      closing.nested--;
      return false;
    }
    let changed = false;
    for (;;) {
      const element = this.open.pop()!;
      this.byTag.get(element.tag)!.pop();
      changed = this.count(element.trait, -1) || changed;
      if (element === closing) return changed;
    }
  }

  private count(trait: Trait, by: number): boolean {
    this.counts.set(trait, (this.counts.get(trait) ?? 0) + by);
    if (trait === 'unseen' || trait === 'verbatim') return false;
    const marks = new Set<Mark>(this.divided ? ['divider'] : []);
    for (const [other, count] of this.counts) if (count > 0 && other !== 'unseen' && other !== 'verbatim') marks.add(other);
    this.current = marks.size > 0 ? marks : NO_MARKS;
    return true;
  }
}
