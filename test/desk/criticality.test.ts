import { expect, test } from '@jest/globals';
import { criticalityOf } from '../../src/desk/criticality.ts';
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
];

test.each(INCIDENTS)('an incident is suggested %s: %s', (suggested, newText) => {
  const criticality = criticalityOf({ subject: '', newText }, TicketKind.incident);

  expect(criticality.suggested).toBe(suggested);
});
