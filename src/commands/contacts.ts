import { openReports, openStaffApp } from '../app.ts';
import { loadConfig } from '../config.ts';
import { type ContactsImport, importContacts } from '../contacts.ts';
import { type Contact, clientKey, contractInForce, type RegisteredClient } from '../desk/register.ts';
import { type Command, JSON_OPTION, usage } from './command.ts';
import { contentOf } from './operand.ts';
import { short, table } from './print.ts';

export const contactsImport: Command = {
  name: 'contacts import',
  operands: 'ARCHIVO.csv',
  summary: 'Registra los clientes, sus contratos y sus contactos.',
  details:
    'La primera línea nombra las columnas: cliente, modalidad (24x7 u 8x5), vigente_hasta (2027-01-31 o 31/01/2027; vacía es sin término), sla, dominios,\n' +
    'nombre, correo e idioma (en cuál quiere la respuesta: es, en o pt; vacía es el de su correo). Solo cliente y correo son obligatorias; otras columnas\n' +
    'no se usan. Una línea por contacto, separada como lo hace una hoja de cálculo (coma, punto y coma o tabulador); "-" es la entrada estándar. Los contactos de un cliente\n' +
    'escriben en los tickets de su empresa; quien escribe desde uno de sus dominios sin ser contacto, solo con un código nuestro o si nuestro servidor de\n' +
    'correo lo autenticó. Si una línea tiene un error no se importa ninguna. El archivo vale para los clientes y correos que nombra; los demás se\n' +
    'conservan, salvo con --replace.',
  options: {
    replace: { type: 'boolean', describe: 'el archivo es el registro entero: quien no está en él deja de ser contacto' },
    json: JSON_OPTION,
  },
  async run(args, io) {
    const [file] = args.operands;
    if (args.operands.length !== 1 || file === undefined) throw usage(contactsImport, 'escriba un archivo; por ejemplo clientes.csv');
    const bytes = await contentOf(file, io);
    const config = loadConfig(io.env);
    await using app = await openStaffApp(config);
    const result = await importContacts(bytes, { replace: args.flag('replace'), slas: Object.keys(config.file.clients.sla) }, app.desk);
    const json = args.flag('json');
    if (!result.ok) {
      for (const fault of result.faults)
        (json ? io.out : io.err)(json ? JSON.stringify(fault) : `${file}, línea ${fault.line}: ${fault.problem}`);
      io.err('No se importó nada: corrija esas líneas y vuelva a intentarlo.');
      return 1;
    }
    const { changes, tickets, unused } = result;
    if (unused.length > 0) io.err(`Columnas que no se usan: ${unused.map((name) => short(name, 40)).join(', ')}.`);
    if (json) io.out(JSON.stringify({ ...changes, tickets }));
    else for (const line of summary(result)) io.out(line);
    return 0;
  },
};

function summary({ changes: { clients, contacts, kept }, tickets }: Extract<ContactsImport, { ok: true }>): string[] {
  return [
    `Clientes nuevos: ${clients.added}; con cambios: ${clients.changed}; iguales: ${clients.unchanged}.`,
    `Contactos nuevos: ${contacts.added}; con cambios: ${contacts.changed}; iguales: ${contacts.unchanged}; retirados: ${contacts.removed}.`,
    ...(kept > 0 ? [`Contactos que no están en el archivo y se conservan (con --replace dejan de serlo): ${kept}.`] : []),
    ...(tickets > 0 ? [`Tickets que no eran de nadie y ahora son de su cliente: ${tickets}.`] : []),
  ];
}

export const contactsList: Command = {
  name: 'contacts list',
  operands: '',
  summary: 'Lista los clientes registrados, sus contratos y sus contactos.',
  options: { client: { type: 'string', value: 'NOMBRE', describe: 'solo los de ese cliente' }, json: JSON_OPTION },
  async run(args, io) {
    if (args.operands.length > 0) throw usage(contactsList, 'no lleva operandos');
    const only = args.value('client');
    const reports = openReports(loadConfig(io.env));
    try {
      const found = reports.clients().filter(({ name }) => only === undefined || clientKey(name) === clientKey(only));
      const lines = found.flatMap(linesOf);
      if (args.flag('json')) for (const line of lines) io.out(JSON.stringify(line));
      else if (lines.length === 0) io.err(only === undefined ? 'Ningún cliente registrado.' : 'Ningún cliente registrado con ese nombre.');
      else for (const line of table(HEAD, lines.map(rowOf))) io.out(line);
      return 0;
    } finally {
      reports.close();
    }
  },
};

/** One contact with its client; a client without contacts has one line, too. */
interface ContactLine extends Omit<RegisteredClient, 'name' | 'contacts'> {
  client: string;
  inForce: boolean;
  name: string | null;
  address: string | null;
  language: Contact['language'];
}

function linesOf({ name: client, contract, domains, contacts }: RegisteredClient): ContactLine[] {
  const inForce = contractInForce({ contract }, new Date()) !== null;
  const people = contacts.length > 0 ? contacts : [{ name: null, address: null, language: null }];
  return people.map(({ name, address, language }) => ({ client, contract, inForce, domains, name, address, language }));
}

const HEAD = ['cliente', 'modalidad', 'vigente hasta', 'SLA', 'dominios', 'contacto', 'idioma', 'correo'];

function rowOf({ client, contract, inForce, domains, name, address, language }: ContactLine): string[] {
  const until = contract === null ? '' : `${contract.validUntil ?? 'sin término'}${inForce ? '' : ' (vencido)'}`;
  return [
    short(client, 40),
    contract?.modality ?? '(sin contrato)',
    until,
    contract?.sla ?? '',
    short(domains.join(' '), 40),
    short(name ?? '', 40),
    language ?? '',
    address ?? '',
  ];
}
