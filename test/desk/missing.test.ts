import { expect, test } from '@jest/globals';
import { missingIn } from '../../src/desk/missing.ts';
import type { MissingGroup } from '../../src/desk/ticket.ts';

const ALL: MissingGroup[] = ['ambiente', 'versiones', 'contacto', 'acceso remoto'];
const without = (...given: MissingGroup[]): MissingGroup[] => ALL.filter((group) => !given.includes(group));

const MAILS: readonly (readonly [string, MissingGroup[]])[] = [
  ['No abre el módulo de facturación.', ALL],
  ['En el ambiente de producción no abre el módulo de facturación.', without('ambiente')],
  ['Error en PRODUCCION al radicar.', without('ambiente')],
  ['El error sale en calidad, en producción no.', without('ambiente')],
  ['Ocurre en el servidor 10.20.1.15, puerto 8443.', without('ambiente')],
  ['La orden de producción no se deja cerrar.', ALL],
  ['Tenemos la versión 8.2.1 y no genera el archivo.', without('versiones')],
  ['SecureFile v5.3 no cifra los archivos.', without('versiones')],
  ['Desde la última versión no genera el archivo.', ALL],
  ['Falla con Oracle 19c y Windows Server 2019.', without('versiones')],
  ['La factura 8.250.300 sale sin IVA.', ALL],
  ['Mi teléfono es 310 555 1234 para que me llamen.', without('contacto')],
  ['Me pueden marcar al (601) 555 0199 ext. 204.', without('contacto')],
  ['Cualquier duda con Marta Ruiz, marta.ruiz@cliente.example.', without('contacto')],
  ['El correo de notificaciones no llega.', ALL],
  ['Se pueden conectar por AnyDesk 123 456 789.', without('acceso remoto')],
  ['Hay acceso por VPN con el usuario que ustedes tienen.', without('acceso remoto')],
  ['No contamos con acceso remoto.', without('acceso remoto')],
  ['La VPN no conecta desde ayer.', ALL],
  ['Producción, versión 7.1, contacto Luis Gómez ext. 105, conexión por TeamViewer.', []],
];

test.each(MAILS)('a mail that says "%s" lacks %j', (newText, missing) => {
  expect(missingIn({ subject: '', newText, signature: '' })).toEqual(missing);
});
