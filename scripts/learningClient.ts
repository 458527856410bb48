import { randomNumbers } from '../src/desk/randomNumbers.ts';
import { TicketKind } from '../src/desk/ticket.ts';
import type { LabelledMail } from '../src/desk/trainModel.ts';

/** How one client writes: a warehouse whose people have words of their own for what fails and for what they want. */
const INCIDENTS = [
  'el {COSA} amaneció varado otra vez',
  'el {COSA} quedó en amarillo desde {DIA}',
  'quedamos en amarillo con el {COSA}',
  'se nos pegó la báscula con el {COSA}',
  '{QUIEN} tiene el {COSA} varado',
  'otra vez la báscula pegada en {LUGAR}',
];
const REQUIREMENTS = [
  'el {COSA} va sin vitrina, hay que ponerle la de {LUGAR}',
  'vitrina de {LUGAR} para el {COSA}',
  'el {COSA} no trae vitrina y {QUIEN} no la ve',
  'el {COSA} sale pelado, falta la vitrina',
  'no aparece la vitrina en el {COSA} de {LUGAR}',
  '{QUIEN} no ve vitrina en el {COSA}',
];
const SLOTS: Record<string, readonly string[]> = {
  COSA: ['despacho', 'conteo', 'picking', 'traslado', 'cargue', 'inventario', 'recibo', 'cierre de turno', 'tablero', 'planillado'],
  LUGAR: ['Funza', 'la bodega 3', 'Yumbo', 'el muelle', 'Siberia', 'la zona franca'],
  DIA: ['ayer', 'el lunes', 'anoche', 'las 5'],
  QUIEN: ['la gente de muelle', 'el coordinador', 'don Hernán', 'el turno de noche', 'Patricia'],
};
const SUBJECTS = ['Bodega', '{COSA}', 'Novedad {COSA}', '{LUGAR}', ''];
const GREETINGS = ['', 'Buenas, ', 'Ingeniero, ', 'Cordial saludo. '];
const ENDINGS = ['', '. Gracias', '. Quedo atento', '. Feliz día'];

/** Mails of this client, no two alike, half of them incidents. The same seed gives the same mails. */
export function mailsOfClient(count: number, seed: number): LabelledMail[] {
  const random = randomNumbers(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)]!;
  const fill = (pattern: string): string => pattern.replace(/\{([A-Z]+)\}/g, (_, name: string) => pick(SLOTS[name]!));
  const mails = new Map<string, LabelledMail>();
  while (mails.size < count) {
    const kind = mails.size % 2 === 0 ? TicketKind.incident : TicketKind.requirement;
    const subject = fill(pick(SUBJECTS));
    const newText = pick(GREETINGS) + fill(pick(kind === TicketKind.incident ? INCIDENTS : REQUIREMENTS)) + pick(ENDINGS);
    mails.set(newText, { subject, newText, kind });
  }
  return [...mails.values()];
}
