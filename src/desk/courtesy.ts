/** Words of greetings, thanks and farewells, and the small words around them, folded: a mail of only these says nothing about a case. */
export const COURTESY: ReadonlySet<string> = new Set(
  `buenos buenas buen dia dias tarde tardes noche noches hola saludo saludos cordial cordialmente atentamente gracias muchas mil muchisimas
  agradezco agradecemos agradecido agradecida quedo quedamos atento atenta atentos pendiente feliz excelente ok okay listo vale perfecto
  recibido enterado si no de acuerdo claro estimado estimada estimados senor senora senores ingeniero ingenieros ing equipo soporte itac
  apreciado apreciados respetado respetados un una el la los las su sus tu a y por para con favor que tenga tengan este
  hello hi dear team thanks thank you best regards kind good morning afternoon evening please ok received noted sir madam
  bom boa tarde noite dia ola obrigado obrigada prezado prezados atenciosamente abraco abracos saudacoes test prueba re fyi url 0 @`.split(
    /\s+/,
  ),
);
