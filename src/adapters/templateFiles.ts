import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACKNOWLEDGEMENT, type AnswerTemplate, FIXED_TEXT, type Templates } from '../desk/acknowledgement.ts';
import type { Language } from '../desk/language.ts';
import { compileTemplate, type Template, type Vocabulary } from '../desk/template.ts';
import { AppError } from '../errors.ts';

const DEFAULT_FOLDER = join(import.meta.dirname, '../../config/templates');

/** `Subject: Recibimos su solicitud` on the first line, before an empty one; not `Asunto: x`, `Subject: {{token}}`. */
const SUBJECT_LINE = /^Subject: ([^\r\n{]{1,120})\r?\n\r?\n/;

/**
 * Reads every wording of our automatic answers: `acknowledgement.es.txt`, `acknowledgement.es.html`, `fixed-text.es.txt`, ... The text file begins
 * with the subject, like a mail. A language without files is answered in Spanish.
 * @throws AppError `CONFIG_INVALID` naming the file, and the variable at fault
 */
export function loadTemplates(folder: string = DEFAULT_FOLDER): Templates {
  return {
    acknowledgement: inEachLanguage(folder, 'acknowledgement', ACKNOWLEDGEMENT),
    fixedText: inEachLanguage(folder, 'fixed-text', FIXED_TEXT),
  };
}

function inEachLanguage<Value extends string, Condition extends string>(
  folder: string,
  name: string,
  vocabulary: Vocabulary<Value, Condition>,
): Record<Language, AnswerTemplate<Value, Condition>> {
  const read = (language: Language) => answerTemplate(join(folder, `${name}.${language}`), vocabulary);
  const es = read('es');
  if (!es) throw faulty(join(folder, `${name}.es.txt`), 'there is no such file', 'Restaure las plantillas en español: son obligatorias.');
  return { es, en: read('en') ?? es, pt: read('pt') ?? es };
}

/** Null when neither of the two files exists. */
function answerTemplate<Value extends string, Condition extends string>(
  path: string,
  vocabulary: Vocabulary<Value, Condition>,
): AnswerTemplate<Value, Condition> | null {
  const [textFile, htmlFile] = [`${path}.txt`, `${path}.html`];
  const [text, html] = [contentOf(textFile), contentOf(htmlFile)];
  if (text === null && html === null) return null;
  if (text === null)
    throw faulty(textFile, `there is no such file beside ${htmlFile}`, 'Cada plantilla tiene un archivo .txt y uno .html.');
  if (html === null)
    throw faulty(htmlFile, `there is no such file beside ${textFile}`, 'Cada plantilla tiene un archivo .txt y uno .html.');
  const subject = SUBJECT_LINE.exec(text);
  if (!subject) throw faulty(textFile, 'does not begin with a subject', 'La primera línea debe ser "Subject: …" y la segunda vacía.');
  return {
    subject: subject[1]!.trim(),
    text: compiled(textFile, text.slice(subject[0].length), vocabulary),
    html: compiled(htmlFile, html, vocabulary),
  };
}

function compiled<Value extends string, Condition extends string>(
  file: string,
  source: string,
  vocabulary: Vocabulary<Value, Condition>,
): Template<Value, Condition> {
  const result = compileTemplate(source, vocabulary);
  if (result.ok) return result.template;
  throw faulty(file, `{{${result.variable}}}: ${result.because}`, 'Corrija esa variable en la plantilla.');
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw faulty(file, 'cannot be read', 'Revise los permisos de la carpeta de plantillas.', error);
  }
}

function faulty(file: string, what: string, remedy: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `${file}: ${what}`, { temporary: false, remedy, cause });
}
