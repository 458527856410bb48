import { TicketKind } from './ticket.ts';
import { fold } from './words.ts';

/** Words that keyword rules of help desks look for. `falla` and `no funciona` are found; not `no hay`. */
const FAILURE =
  /\b(?:error(?:es)?|erro|falla\w*|fallo|falha|no (?:funciona|deja|permite|abre|carga|aparece|muestra|puedo|podemos)|nao (?:consigo|funciona)|caid[oa]|bloquead[oa]|lent[oa]|incorrect[oa]|problema|inconveniente|incidencia|bug|crash|broken|not working|cannot|unable|wrong|down)\b/g;
/** `agregar` and `nos gustaria` are found; not `agregado`. */
const WISH =
  /\b(?:agregar|adicionar|anadir|incluir|implementar|mejora|melhoria|sugerencia|requerimiento|solicit(?:o|amos|ud)|requerimos|necesitamos|quisiera\w*|gustaria|gostaria\w*|seria|podria\w*|nuev[oa]|opcion|permitir|cambiar|modificar|crear|add|feature|would like|please|option|allow|enhancement|precisamos)\b/g;

/** The keyword rules that most help desks use, for comparison: more failure words than wish words is an incident; a tie is, too. */
export function kindByKeywords(mail: { subject: string; newText: string }): TicketKind {
  const text = fold(`${mail.subject}\n${mail.newText}`.slice(0, 4_000));
  const failures = text.match(FAILURE)?.length ?? 0;
  const wishes = text.match(WISH)?.length ?? 0;
  return wishes > failures ? TicketKind.requirement : TicketKind.incident;
}
