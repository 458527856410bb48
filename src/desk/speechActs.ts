/** Does the act ask for something that is not there yet, or report that something is wrong? Null when it may do either. */
export type Stance = 'asks' | 'reports' | null;

/**
 * What a client does with a sentence: reports that something fails, tells a wrong result, asks for a change, wishes, compares before and now.
 * The acts are findings for the model, not verdicts: their weights are learned, also in combination and by position.
 */
export interface SpeechAct {
  name: string;
  stance: Stance;
  /** Over folded words parted by single spaces, ends of sentences as `.`, `?`, `!`. Linear: no nested repeats, all gaps are bounded. */
  pattern: RegExp;
  /** A line that the pattern finds. */
  says: string;
  /** A near miss that it must not find. */
  saysNot: string;
}

/** Trouble that is said not to be, or to be over; acts inside its words do not count. */
export const DENIAL = 'trouble-denied';
/** What follows in the sentence is feared, remembered or conditional, not reported. */
export const SUPPOSED = 'trouble-supposed';

function act(name: string, stance: Stance, source: string, says: string, saysNot: string): SpeechAct {
  return { name, stance, pattern: new RegExp(`(?<![a-z])(?:${source})(?![a-z])`, 'g'), says, saysNot };
}

const TROUBLE =
  'error(?:es)?|erros?|falla(?:s|ndo|do|ron|ba)?|fallo(?:s|so)?|falha(?:s|ndo)?|bugs?|inconvenientes?|problemas?|incidencias?|issues?|problems?|errors?|exception|excepcion|caida|inconsistencias?|defectos?|danos?';
const CHANGE =
  'agreg(?:ar|uen|ue|amos|arle|ando)|anad(?:ir|an|a|irle)|adicion(?:ar|en|e|arle|amos)|inclu(?:ir|yan|ya|irlo|am)|incorpor(?:ar|en|e)|implement(?:ar|en|e)|habilit(?:ar|en|e)|inser(?:tar|ir)|crear|creen|desarroll(?:ar|en)|parametriz(?:ar|able)|configurable|integr(?:ar|en)|disponibiliz(?:ar|em)|criar|ampliar|aumentar|unificar|renombrar|reorganizar|redisenar|automatizar|simplificar|personalizar|optimizar|adecuar|mejor(?:ar|en)|melhorar|estandarizar|homologar|add|adding|implement|enhance|improve|introduce|include|provide|support for';

export const SPEECH_ACTS: readonly SpeechAct[] = [
  act(
    DENIAL,
    null,
    `(?:no (?:es|son|hay|fue|existe|presenta|tiene|tengo|tenemos|se trata de|(?:estoy|estamos) reportando)|sin|ni|nao (?:e|ha|tem|temos)|(?:is )?not|isnt|no|without)(?: (?:un|una|el|la|los|las|ningun|ninguna|tanto|propiamente|por|a|an|any|um|uma|nenhum)){0,2} (?:${TROUBLE})|nothing (?:is )?(?:broken|wrong|failing)|(?:no hay )?nada (?:esta )?(?:danado|malo|mal|roto|fallando)|no esta(?:n)? (?:fallando|danad[oa]s?|mal|rot[oa]s?|caid[oa]s?|malo)|(?<!no )(?:funciona(?:n)?|trabaja|works?|working) (?:todo )?(?:muy |perfectamente )?(?:bien|correctamente|perfecto|perfectly|fine|well|great)|(?<!no )(?:todo )?(?:sale|esta|va|anda) (?:todo )?(?:muy )?(?:bien|perfecto|correcto)|(?:ya )?(?:quedo|fue|esta) (?:resuelto|solucionado|corregido|arreglado)|ya (?:corrigieron|solucionaron|arreglaron|nos lo solucionaron)|funciona bem`,
    'esto no es un error del sistema',
    'no deja guardar por un error',
  ),
  act(
    SUPPOSED,
    null,
    'para (?:evitar(?:nos)?|prevenir|reducir|minimizar|disminuir|corregir|que no|que no se|no)|a fin de evitar|en caso de(?: que)?|si (?:hay|falta|faltan|falla|existe|existen|ocurre|se presenta|no hay|no existe|el|la)|cuando (?:haya|falte|falle|se rechace|exista|ocurra|venza|no haya|se presente|se produzca|esten?|sea|se)|a raiz (?:del?|de la)|por (?:los )?errores (?:de|humanos?)|la (?:semana|vez) pasada|el mes pasado|to (?:avoid|prevent|reduce)|so that [a-z]{2,12} (?:dont|do not)|when there (?:is|are)|in case(?: of)?|para (?:evitar|nao|que nao)|quando (?:houver|faltar|nao)|se (?:houver|faltar)',
    'para evitar errores',
    'la pantalla para entrar',
  ),
  act('trouble-named', 'reports', `(?:${TROUBLE})`, 'sale un error', 'sale un aviso'),
  act(
    'broken',
    'reports',
    'no (?:me |nos |le |les |se )?(?:funciona(?:n|ba|ndo)?|sirve(?:n)?|abre(?:n)?|carga(?:n)?|responde(?:n)?|arranca(?:n)?|inicia|conecta(?:n)?|anda|prende|corre|corrio|ejecuto|ejecuta|genera(?:n)?|genero|guarda(?:n)?|graba|imprime(?:n)?|envia(?:n)?|actualiza(?:n)?|calcula|suma|ordena|filtra|sincroniza(?:n)?|descarga(?:n)?|entra|baja|sube|toma(?:n)?|reconoce(?:n)?|registra(?:n)?|termina|procesa(?:n)?|avanza|pasa nada|hace nada|va bien)|nao (?:esta )?(?:funciona(?:ndo)?|abre|carrega|responde|imprime|salva|grava|envia|atualiza|conecta)|(?:does|do|did|is|are) ?not (?:work|load|open|respond|save|print|update|show|display|send|appear)(?:ing|ed)?|(?:doesnt|dont|didnt|isnt|arent|wont) (?:work|load|open|respond|save|print|update|show|start|display|send|appear|let)(?:ing|ed)?|not working|(?:dejo|dejaron) de [a-z]{4,15}|parou de [a-z]{4,15}|stopped [a-z]{3,12}ing',
    'el modulo no me abre',
    'no queremos que abra',
  ),
  act(
    'cannot',
    'reports',
    'no (?:me |nos |le |les |se )?(?:deja|dejan|dejo|permite|permiten|permitio|puedo|puede|pueden|podemos|pude|pudo|pudimos|pudieron|consigo|conseguimos|logro|logra|logramos|logran)|no he(?:mos)? podido|no ha(?:n)? podido|(?:es|fue|ha sido|resulta) imposible|imposible|nao (?:consigo|conseguimos|consegue|conseguem|estou conseguindo|estamos conseguindo|deixa|permite|e possivel)|(?:can|could) ?not|cant|couldnt|unable to|not able to|impossible to',
    'no nos deja facturar',
    'que nos deje facturar',
  ),
  act(
    'not-shown',
    'reports',
    'no (?:me |nos |le |les |se )?(?:aparece(?:n)?|sale(?:n)?|muestra(?:n)?|ve(?:n)?|visualiza(?:n)?|visualizan?|despliega(?:n)?|refleja(?:n)?|llega(?:n|ron)?|llego|lista(?:n)?|trae(?:n)?|encuentra(?:n)?|figura(?:n)?|coincide(?:n)?|cuadra(?:n)?|corresponde(?:n)?|esta(?:n)? (?:llegando|saliendo|mostrando|apareciendo|trayendo|tomando|guardando|enviando|generando|reflejando))|nao (?:aparece(?:m)?|mostra|chega(?:m)?|bate(?:m)?)|(?:not|never) (?:shown|showing|displayed|received|appearing)|missing|en blanco|vaci[oa]s?|em branco|blank|empty|en cero(?:s)?|en null',
    'el total no aparece',
    'que aparezca el total',
  ),
  act(
    'breakdown',
    'reports',
    'caid[oa]s?|se (?:cae|cayo|cierra|cerro|bloquea|bloqueo|congela|congelo|traba|cuelga|colgo|dano|desconfiguro|borro|borraron|perdio|perdieron|detiene|detuvo|queda (?:pegad[oa]|cargando|colgad[oa]|pensando|congelad[oa]|en blanco))|bloquead[oa]s?|congelad[oa]s?|colgad[oa]s?|pegad[oa]s?|trav(?:a|ado|ada|ando)|danad[oa]s?|rot[oa]s?|fora do ar|crash(?:es|ed|ing)?|broken|freez(?:es|ing)|frozen|stuck|hangs?|is down|went down|timed? ?out|lent[oa]s?|lentisim[oa]|lentitud|demorad[oa]|slow',
    'la pagina se cayo',
    'la pagina se abre',
  ),
  act(
    'wrong-result',
    'reports',
    'incorrect[oa]s?|equivocad[oa]s?|errad[oa]s?|erron[eo][oa]s?|mal|descuadr[a-z]{1,6}|duplica(?:n|do|da|dos|das|ndo)?|repetid[oa]s?|doble|desaparec[a-z]{2,6}|sumiu|sumiram|perdi(?:o|mos|eron)|diferencias?|inconsistente|no es (?:correct[oa]|el correcto|lo correcto)|wrong(?:ly)?|incorrect(?:ly)?|mismatch|twice|disappear(?:s|ed)?|lost|diferente d[eo]|quando deveria|cuando (?:debe|deberia|tiene que|tendria que)|pero (?:sale|aparece|muestra|queda|trae|dice)|y (?:sale|aparece|esta saliendo|esta tomando|quedo)',
    'el total sale mal',
    'el total sale bien',
  ),
  act(
    'refused',
    'reports',
    'rechaz[a-z]{1,6}|rejected|denegad[oa]|invalid[oa]?|acceso denegado|no autorizado|timeout|vencid[oa]|expirad[oa]|fatal|undefined|null|nan|error 0',
    'el banco rechaza el archivo',
    'el banco recibe el archivo',
  ),
  act(
    'message-seen',
    'reports',
    '(?:me |nos |le |les |se )?(?:sale|aparece|arroja|muestra|saca|bota|lanza|marca|tira|manda|genera|dice|da|indica|presenta|devuelve|pone) (?:el |un |una |este |esta |la |otra vez el )?(?:siguiente )?(?:error|mensaje|aviso|alerta|codigo|pantalla|cartel|excepcion|ventana)|da error|dice que|it says|i get|we get|getting|shows an? error|apresenta (?:o |um )?erro|ocorre erro|da erro',
    'me sale un mensaje',
    'que envie un mensaje',
  ),
  act(
    'persists',
    'reports',
    'persiste|continua (?:el|la|igual|con)|sigue(?:n)? (?:igual|sin|saliendo|fallando|con|apareciendo|presentando)|seguimos (?:igual|sin|con)|otra vez|de nuevo|nuevamente|volvio a|vuelve a|still|again|keeps|continua com|ainda',
    'el inconveniente persiste',
    'el usuario existe',
  ),
  act(
    'before-and-now',
    null,
    'antes (?:si|se|funcionaba|lo|salia|aparecia|podia|no)|ayer (?:si|funcionaba)|ya no (?:se|me|nos|aparece|sale|funciona|deja|puedo|podemos)|hasta ayer|desde (?:ayer|hoy|esta manana|anoche|la actualizacion|el cambio|que|el (?:lunes|martes|miercoles|jueves|viernes|sabado|fin de semana))|(?:despues|luego|a partir) de (?:la|el|que|una) (?:actualizacion|migracion|mantenimiento|cambio|version|instalacion|update)|after (?:the |your |an |this )?(?:update|upgrade|release|patch|migration)|since (?:yesterday|this|the|monday)|used to|no longer|anymore|ontem funcionava|apos a atualizacao|hace (?:dias|horas|0|dos|tres|una|un|varios)',
    'desde ayer pasa',
    'antes del cierre',
  ),
  act(
    'repair-asked',
    null,
    'corrij[a-z]{1,4}|corregir(?:lo|la|los|las)?|correccion|arregl[a-z]{1,6}|solucion(?:ar|en|e|es|arlo|arnos)?|reparar|reparen|restablec(?:er|an|imiento)|subsan(?:ar|en)|resolver|resuelvan|revis(?:ar|en|ion|arlo|e)|verific(?:ar|en|acion|arlo)|validar (?:que|por que|porque|el motivo)|que (?:puede estar|pudo haber|estara|esta) pasando|a que se debe|por que|porque razon|fix|resolve|investigate|look into|please (?:help|check|assist)|corrig(?:ir|am)|verificar',
    'favor arreglar el reporte',
    'reporte de arreos',
  ),
  act(
    'attempt',
    null,
    '(?:al|cuando|cada vez que) (?:intent[a-z]{1,4}|trat[a-z]{1,4}|quiero|quiere|vamos a|voy a|entro|abro|guardo|genero|doy|damos)|al (?:intentar|tratar|momento de|ingresar|guardar|generar|abrir|entrar|dar|hacer|cargar|imprimir|enviar|consultar|iniciar)|intente|he intentado|hemos intentado|ao (?:tentar|gerar|salvar|abrir|clicar|enviar|emitir|pesquisar|fechar)|when (?:i|we|you|trying|clicking|saving|opening|generating)|tried to|trying to|attempt',
    'al intentar guardar',
    'para guardar',
  ),
  act(
    'nothing-happens',
    'reports',
    'no (?:pasa|hace|ocurre|sucede) nada|y nada|nada que|nothing happens|sin respuesta|no hay (?:respuesta|retorno|servicio|conexion|sistema)|nao acontece nada|nunca (?:termina|llega|carga|aparece|entra|entro|llego)',
    'doy clic y no pasa nada',
    'no hay prisa',
  ),
  act(
    'wish',
    'asks',
    '(?:me |nos |les |le )?gustaria|quisiera(?:mos|n)?|quisieramos|queremos|queriamos|deseamos|desearia(?:mos)?|querriamos|nos interesa|interesados en|nos serviria|me serviria|ayudaria(?:n)?|facilitaria|gostaria(?:mos|m)?|queremos que|id like|i would like|we would like|wed like|would (?:love|like)|wish|want to|looking for',
    'quisieramos un filtro',
    'el usuario quiso entrar',
  ),
  act('change-named', 'asks', `(?:${CHANGE})`, 'agregar un filtro', 'el filtro agregado falla'),
  act(
    'change-noun',
    'asks',
    'implementacion|integracion|desarrollo|parametrizacion|ampliacion|adecuacion|incorporacion|inclusion|adicion|creacion|modificacion(?:es)?|mejoras?|melhorias?|ajustes?|cambios?|enhancement|improvement|feature|inclusao|criacao|alteracao',
    'la inclusion del campo',
    'incluido el campo',
  ),
  act(
    'alteration-named',
    'asks',
    '(?:cambiar|modificar|modificacion|modificaciones|ajust(?:ar|e|es|en)|quitar(?:le)?|eliminar|remover|retirar|ocultar|mover|colocar|poner(?:le)?|reemplazar|sustituir|trocar|alterar|actualizar|actualizacion|change|remove|rename|replace|hide|move|allow(?:s|ing)?|permit(?:ir|an|irle|irles))',
    'cambiar el orden',
    'el cambio de ayer',
  ),
  act(
    'novelty',
    'asks',
    'nuev[oa]s? (?:[a-z]{3,15})|nov[oa]s? (?:[a-z]{3,15})|funcionalidad(?:es)?|feature(?:s)?|opcion(?:es)? (?:de|para|que)|posibilidad(?:es)?|capacidad de|option(?:s)? to|ability to|opcao (?:de|para)|possibilidade|sugerencias?|sugiero|sugerimos|sugestao|sugestoes|suggestion|propuesta|propong[oa]|proponemos|propose|suggest|requerimientos?|requisito|roadmap|version (?:movil|para|en)|would be (?:nice|great|useful|helpful|good|possible)|it would|please consider',
    'posibilidad de exportar',
    'sin novedad',
  ),
  act(
    'would-be',
    'asks',
    'seria (?:bueno|ideal|posible|util|muy|genial|interesante|conveniente|importante|mejor|mas|bom|possivel|otimo|excelente)|estaria (?:bien|bueno|genial|chevere|muy)|convendria|valdria la pena|vendria bien|haria falta|deberia(?:n)? (?:poder|existir|haber|tener|permitir|incluir|mostrar|aparecer|ser|estar|salir|dejar|avisar)|deveria|poderia(?:m)?|podria(?:n|mos|s)?|should (?:be|have|allow|show|include|list|also|support|provide)|could (?:you|we|be|it)|can (?:you|we) (?:add|have|get|please add|include|make)',
    'seria bueno tenerlo',
    'seria de factura',
  ),
  act(
    'is-it-possible',
    'asks',
    '(?<!no )(?:es|seria|sera|fuera) (?:posible|viable|factible)|(?<!no )se (?:puede|podra|podria|pueda|puedan)|hay (?:alguna |una )?(?:opcion|forma|manera|posibilidad)|existe (?:alguna |la |una )?(?:opcion|forma|manera|posibilidad)|como (?:hacemos|hago|podemos) para que|cuando (?:van a|tendran|estara)|para cuando|is (?:it|this) possible|(?<!not )be possible|is there (?:a|any) (?:way|option)|would it be possible|do you (?:plan|have plans|support)|(?<!nao )e possivel|tem como|ha (?:como|possibilidade)|tienen (?:pensado|previsto|planeado)',
    'es posible exportarlo',
    'es posterior a la fecha',
  ),
  act(
    'need-that',
    'asks',
    '(?:necesit(?:o|amos|an|a)|requer?i(?:mos|ere|eren|ero)|requier(?:o|e|en)|precis(?:o|amos|a)|solicit(?:o|amos|a|an|amos que)|pedimos|pid(?:o|en)|piden|se (?:requiere|solicita|necesita)(?:n)?|exige|exigen|need|needs|require|requires)(?: que| de| un| una| poder)?',
    'necesitamos un reporte',
    'la necesidad basica',
  ),
  act(
    'rule-stated',
    'asks',
    '(?:el sistema|la aplicacion|el usuario|el reporte|la pantalla|se|tambien|no|o sistema) (?:debe(?:n|ra|ran)?|tiene(?:n)? que|deve(?:m|ra)?|ha de)|deb(?:e|en) (?:permitir|poder|mostrar|aparecer|llevar|tener|quedar|ser|ir|existir|incluir|decir|salir|pedir|verse|contener)|deve (?:ser|permitir|ter|conter|mostrar|exibir)|must|shall|should',
    'el sistema debe permitir',
    'lo que me deben',
  ),
  act(
    'absent',
    null,
    'no (?:existe|hay|tenemos|tiene|cuenta con|maneja|contamos|se cuenta)(?: con)?|hace falta|falta(?:n)? (?:un|una|el|la|los|las|poner|agregar|incluir|opcion|campo|campos|boton|que)|carece|nao (?:existe|ha|tem|temos)|there is no|theres no|we dont have|do not have|does not have|doesnt have|lacks?|sentimos falta|falta de',
    'falta un boton para anular',
    'faltaba dinero ayer',
  ),
  act(
    'purpose',
    null,
    'para que|con el fin de|a fin de|de (?:manera|forma|modo) que|de tal manera|para (?:evitar|poder|no|facilitar|agilizar|mejorar|ahorrar|cumplir)|so that|in order to|para (?:que possamos|facilitar)|asi (?:no|podemos|podriamos|evitamos|los|se)|esto (?:ayudaria|permitiria|facilitaria)',
    'para que no se repita',
    'para el lunes',
  ),
  act(
    'today-by-hand',
    null,
    '(?:actualmente|hoy|hoy en dia|ahora|por ahora|currently|hoje|atualmente)(?: [a-z]{1,12}){0,4} (?:solo|unicamente|a mano|manual|manualmente|uno a uno|uno por uno|only|manually)|toca (?:hacer|hacerlo|buscar|digitar|entrar|sacar|llamar|estar)|manualmente|a mano|uno (?:a|por) uno|solo (?:permite|deja|se puede|muestra|trae|sale)|unicamente|by hand|one by one',
    'hoy lo hacemos a mano',
    'hoy pagamos',
  ),
  act(
    'user-story',
    'asks',
    'como (?:un |una )?(?:usuari[oa]|cliente|administrador[a]?|operador|utilizador|usuario|jefe|auxiliar|dueno|responsable|supervisor|gerente|vendedor|contador)(?: [a-z]{1,15}){0,5} (?:quiero|quero|necesito|deseo|requiero|puedo)|as an? (?:[a-z]{1,15} ){1,4}i (?:want|need|would)|criterios? de (?:aceptacion|aceite)|acceptance criteria|historia de usuario',
    'como administrador quiero crear',
    'como usuario no entro',
  ),
  act(
    'business',
    null,
    'cotiz[a-z]{1,6}|presupuesto|costo|precio de|estimacion|viabilidad|factibilidad|alcance|desarrollo|proyecto|orcamento|quote|quotation|normativ[oa]|resolucion|decreto|auditoria|ley|norma|gerencia (?:pide|solicita|requiere)|por politica|contratar|adquirir',
    'enviar cotizacion del cambio',
    'cote del rio',
  ),
  act(
    'that-it-do',
    'asks',
    '(?:^|[.?!] )(?:y |tambien |ademas )?que (?:no )?(?:se |le |les |nos |me |el |la |los |las |al |cada |solo )?(?:[a-z]{2,20} ){0,2}(?:permita|pueda|puedan|muestre|muestren|salga|salgan|aparezca|aparezcan|tenga|tengan|envie|genere|calcule|valide|quede|queden|sea|sean|incluya|traiga|deje|avise|guarde|filtre|filtren|ordene|sume|lleve|cargue|bloquee|notifique|pida|vea|vean|diga)',
    'que se pueda filtrar',
    'lo que puede filtrar',
  ),
  act(
    'subject-imperative',
    'asks',
    '^(?:[a-z0]{1,20} . )?(?:agregar|adicionar|anadir|incluir|incorporar|implementar|crear|habilitar|permitir|mejorar|cambiar|modificar|quitar|ajustar|mostrar|poder|desarrollar|integrar|add|allow|create|implement|make|enable|support|show|adicionar|criar|permitir|incluir|alterar)',
    'agregar campo ciudad',
    'no agregar nada',
  ),
];
