import { expect, test } from '@jest/globals';
import { caseTextOf } from '../../src/desk/caseText.ts';
import { criticalityOf, SIGNS } from '../../src/desk/criticality.ts';
import { type Criticality, TicketKind } from '../../src/desk/ticket.ts';

const INCIDENTS: readonly (readonly [Criticality, string])[] = [
  ['crítica', 'El ambiente de producción está caído y ningún usuario puede facturar.'],
  ['crítica', 'PRODUCCION CAIDA, NADIE PUEDE ENTRAR AL SISTEMA'],
  ['crítica', 'Estamos sin sistema en todas las sedes desde las 7 de la mañana, tenemos la operación detenida.'],
  ['crítica', 'El servidor de producción no responde y tenemos que pagar la nómina hoy antes de las 3.'],
  ['crítica', 'Se perdió la información de los pagos de todo el mes en producción.'],
  ['crítica', 'Un cliente está viendo los datos de otra empresa en el portal productivo.'],
  ['crítica', 'Everything is down in production, nobody can work.'],
  ['crítica', 'O sistema está fora do ar em produção e ninguém consegue trabalhar.'],
  ['alta', 'No podemos transmitir las facturas y el plazo de la DIAN vence hoy.'],
  ['alta', 'En producción no deja guardar los comprobantes de egreso.'],
  ['alta', 'Todos los usuarios de la sede Cali reciben error al ingresar.'],
  ['alta', 'Estamos en cierre contable y el balance no genera; lo necesitamos hoy mismo, es urgente.'],
  ['alta', 'None of the branches can print receipts since this morning.'],
  ['alta', 'Varios usuarios no pueden aprobar pagos en el ambiente productivo.'],
  ['media', 'El reporte de cartera sale sin la columna de ciudad.'],
  ['media', 'Al anular un recibo aparece un mensaje de error.'],
  ['media', 'En producción el informe no exporta, pero mientras tanto lo sacamos en PDF.'],
  ['media', 'Todos los usuarios del ambiente de pruebas reciben error al entrar.'],
  ['media', 'El sistema está lento por momentos.'],
  ['media', 'The export returns wrong totals for one customer.'],
  ['baja', 'En el ambiente de pruebas el botón de anular no responde.'],
  ['baja', 'Hay un error de ortografía en el título de la pantalla de pagos.'],
  ['baja', 'El logo sale corrido en el encabezado del reporte.'],
  ['baja', 'En calidad no abre la consulta; no es urgente, cuando puedan lo revisan.'],
  ['crítica', 'Nos hackearon: hay facturas de otra empresa en nuestro portal.'],
  ['crítica', 'La base de datos de producción está abajo y la facturación está parada.'],
  ['crítica', 'Desde las 5 a. m. la planta está detenida porque el servidor no responde.'],
  ['crítica', 'We lost all our data after the upgrade, production is down.'],
  ['crítica', 'Ninguna sede puede facturar, el sistema está caído.'],
  ['alta', 'El portal no responde.'],
  ['alta', 'No deja liquidar la nómina y hay que pagar mañana.'],
  ['alta', 'En el ambiente de producción no genera el archivo del banco.'],
  ['alta', 'Todas las sucursales tienen intermitencia y no pueden imprimir en producción.'],
  ['alta', 'Si no transmitimos antes de mediodía nos llega una sanción; no permite enviar.'],
  ['media', 'Solo me pasa a mí: no abre el reporte.'],
  ['media', 'A veces el informe sale sin totales.'],
  ['media', 'URGENTE: el reporte de ventas sale sin la columna de ciudad.'],
  ['media', 'El ambiente de pruebas está caído.'],
  ['media', 'La orden de producción no se deja cerrar.'],
  ['media', 'O relatório sai sem o total.'],
  ['baja', 'El color del botón de guardar quedó distinto.'],
  ['baja', 'La palabra "recibo" está mal escrita en el correo.'],
  ['baja', 'No deja exportar, pero no afecta la operación y no hay afán.'],
  ['baja', 'In the test environment the export fails, no rush.'],
];

const REQUIREMENTS: readonly (readonly [Criticality, string])[] = [
  ['baja', 'Solicitamos agregar un filtro por ciudad.'],
  ['baja', 'Quisiéramos un reporte que muestre las caídas del sistema en producción.'],
  ['baja', 'Es urgente incluir el logo nuevo en la factura.'],
  ['media', 'Por la nueva resolución de la DIAN debemos incluir el campo antes del viernes.'],
  ['media', 'Necesitamos el nuevo formato, el plazo vence mañana.'],
];

test.each(INCIDENTS)('an incident is suggested %s: %s', (suggested, newText) => {
  const criticality = criticalityOf(caseTextOf({ subject: '', newText }), TicketKind.incident);

  expect(criticality.suggested).toBe(suggested);
});

test.each(REQUIREMENTS)('a requirement is suggested %s: %s', (suggested, newText) => {
  const criticality = criticalityOf(caseTextOf({ subject: '', newText }), TicketKind.requirement);

  expect(criticality.suggested).toBe(suggested);
});

test('each sign of impact finds its own words, and not its near miss', () => {
  for (const { meaning, pattern, says, saysNot } of SIGNS) {
    expect([meaning, says.match(pattern) !== null]).toEqual([meaning, true]);
    expect([meaning, saysNot.match(pattern) === null]).toEqual([meaning, true]);
  }
});

test('a denied outage is no outage', () => {
  const criticality = criticalityOf(
    caseTextOf({ subject: '', newText: 'El sistema no está caído, solo está lento el reporte.' }),
    TicketKind.incident,
  );

  expect(criticality.suggested).toBe('baja');
});
