/**
 * A text of ours with places for values, `{{ticketNumber}}`, and sections that stand or fall as a whole, `{{#incident}}...{{/incident}}`.
 * Nothing else is understood, and values are put in once and never read again, so what a client wrote cannot be evaluated.
 */
export type Template<Value extends string, Condition extends string> = readonly Part<Value, Condition>[];

type Part<Value extends string, Condition extends string> =
  | string
  | { value: Value }
  | { when: Condition; parts: Template<Value, Condition> };

/** The names that a template may use. */
export interface Vocabulary<Value extends string, Condition extends string> {
  values: readonly Value[];
  conditions: readonly Condition[];
  /** Must stand somewhere in the template. */
  required: readonly Value[];
}

export type Compiled<Value extends string, Condition extends string> =
  | { ok: true; template: Template<Value, Condition> }
  /** `variable` is the name at fault as it is written, `''` when the fault has none. */
  | { ok: false; variable: string; because: string };

/** `{{name}}`, `{{#name}}`, `{{/name}}`; not `{{ name }}`, `{name}`. Groups: mark, name. */
const TAG = /\{\{([#/]?)([A-Za-z]{1,40})\}\}/g;
/** A line with nothing but the mark of a section: `  {{#named}}`; not `{{named}}`, `a {{#named}}`. It leaves no empty line behind. */
const LINE_OF_MARK = /^[ \t]{0,80}(\{\{[#/][A-Za-z]{1,40}\}\})[ \t]{0,80}\n/gm;

/** Reads a template and checks every name in it. */
export function compileTemplate<Value extends string, Condition extends string>(
  source: string,
  { values, conditions, required }: Vocabulary<Value, Condition>,
): Compiled<Value, Condition> {
  const text = source.replaceAll('\r\n', '\n').replace(LINE_OF_MARK, '$1');
  const template: Part<Value, Condition>[] = [];
  const open: { when: Condition; parts: Part<Value, Condition>[] }[] = [];
  const used = new Set<string>();
  let from = 0;
  for (const tag of text.matchAll(TAG)) {
    const [written, mark, name] = tag as unknown as [string, string, string];
    const inner = open.at(-1)?.parts ?? template;
    inner.push(text.slice(from, tag.index));
    from = tag.index + written.length;
    if (mark === '') {
      if (!isOneOf(values, name)) return { ok: false, variable: name, because: `unknown variable; known are ${values.join(', ')}` };
      inner.push({ value: name });
      used.add(name);
    } else if (!isOneOf(conditions, name)) {
      return { ok: false, variable: name, because: `unknown section; known are ${conditions.join(', ')}` };
    } else if (mark === '#') {
      const section = { when: name, parts: [] };
      inner.push(section);
      open.push(section);
    } else if (open.pop()?.when !== name) {
      return { ok: false, variable: name, because: 'this section ends where another one, or none, is open' };
    }
  }
  template.push(text.slice(from));
  const unclosed = open.at(-1);
  if (unclosed) return { ok: false, variable: unclosed.when, because: 'this section has no end' };
  if (text.replace(TAG, '').includes('{{'))
    return { ok: false, variable: '', because: 'a "{{" that begins neither a variable nor a section' };
  const absent = required.find((name) => !used.has(name));
  if (absent) return { ok: false, variable: absent, because: 'this variable must be used and is missing' };
  return { ok: true, template };
}

/** Puts the values in, each through `encode`, and leaves out the sections whose condition does not hold. */
export function render<Value extends string, Condition extends string>(
  template: Template<Value, Condition>,
  values: Readonly<Record<Value, string>>,
  conditions: Readonly<Record<Condition, boolean>>,
  encode: (value: string) => string,
): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('value' in part) return encode(values[part.value]);
      return conditions[part.when] ? render(part.parts, values, conditions, encode) : '';
    })
    .join('');
}

/** For element content and quoted attributes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return (names as readonly string[]).includes(name);
}
