'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, toMany, toOne, useServer } = require('../harness');

const NOON = Date.UTC(2015, 2, 23, 12);
const DAY = 24 * 60 * 60 * 1000;

let client;
let people;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Address', { city: 'STRING' });
  await started.createTable('Person', {
    ...{ name: 'STRING', age: 'INT', rate: 'DOUBLE', active: 'BOOLEAN', seen: 'DATETIME' },
    ...{ note: 'TEXT', address: toOne('Address') },
  });
  await started.addColumns('Person', { children: toMany('Person') });
  await started.createTable('PhoneBook', { owner: 'STRING', contacts: toMany('Person') });
  people = client.Data.of('Person');
  await people.bulkCreate([
    { objectId: 'a', name: 'ann', age: 1, rate: 0.5, active: true, seen: NOON - DAY },
    { objectId: 'b', name: 'Bob', age: 2, rate: 1.5, active: false, seen: NOON },
    { objectId: 'c', name: "it's", age: 3, active: true, seen: NOON + DAY, note: '50% off' },
    { objectId: 'd', name: 'Дима', age: 40, note: '' },
  ]);
  await client.Data.of('Address').bulkCreate([
    { objectId: 'tokyo', city: 'Tokyo' },
    { objectId: 'oslo', city: 'Oslo' },
  ]);
  await client.Data.of('PhoneBook').bulkCreate([
    { objectId: 'book', owner: 'Zoe' },
    { objectId: 'empty', owner: 'Max' },
  ]);
  await people.setRelation('a', 'address', ['tokyo']);
  await people.setRelation('b', 'address', ['oslo']);
  await people.setRelation('d', 'children', ['a', 'b']);
  await people.setRelation('c', 'children', ['b']);
  await client.Data.of('PhoneBook').setRelation('book', 'contacts', ['a', 'd']);
});

async function matching(where) {
  const found = await people.find({ where, sortBy: 'objectId', pageSize: 100 });
  return found.map((person) => person.objectId).join('');
}

const CLAUSES = {
  comparisons: {
    "name = 'Bob'": 'b',
    "name = 'bob'": '',
    "name != 'Bob'": 'acd',
    "name <> 'Bob'": 'acd',
    'age > 1': 'bcd',
    'age >= 2': 'bcd',
    'age < 2': 'a',
    'age <= 2': 'ab',
    'age>0': 'abcd',
    '2 < age': 'cd',
    'rate = 1.5': 'b',
    'rate > -1': 'ab',
    'age = -1': '',
    'age = 40.0': 'd',
    'created>0': 'abcd',
    "objectId = 'a'": 'a',
  },
  texts: {
    "name = 'it''s'": 'c',
    "name = 'Дима'": 'd',
    "name='Bob' and note is null": 'b',
    "note = ''": 'd',
    "name = ' OR 1=1 --'": '',
    "name = 'a;b /* c */ -- d'": '',
  },
  patterns: {
    "name like 'B%'": 'b',
    "name LIKE '%o%'": 'b',
    "name like 'ANN'": 'a',
    "name not like '%n%'": 'bcd',
    "name like '_ob'": 'b',
    "name like 'Дим%'": 'd',
    "note like '50%'": 'c',
    "name like '%find-where-bar%'": '',
  },
  lists: {
    "objectId in ('a','b')": 'ab',
    "objectId IN ( 'a' , 'nobody' )": 'a',
    'age not in (1, 2)': 'cd',
    'age in (-1, 40)': 'd',
    'age in ()': '',
  },
  nulls: {
    'rate is null': 'cd',
    'rate IS NOT NULL': 'ab',
    'rate = null': 'cd',
    'rate != null': 'ab',
    'objectId is not null': 'abcd',
    'not (rate is null)': 'ab',
  },
  booleans: {
    'active = true': 'ac',
    'active = false': 'b',
    'active = 1': 'ac',
    'active = 0': 'b',
    'active = TRUE and age = 1': 'a',
  },
  connectives: {
    'age = 1 or age = 2 and active = true': 'a',
    '(age = 1 or age = 2) and active = true': 'a',
    '(age = 1 or age = 2) AND NOT (active = true)': 'b',
    'not (age > 1)': 'a',
    'NOT age > 1': 'a',
    '((((age = 1))))': 'a',
    '\n age\t=\r\n1 ': 'a',
  },
  dates: {
    [`seen = ${NOON}`]: 'b',
    [`seen > ${NOON}`]: 'c',
    [`seen after ${NOON}`]: 'c',
    [`seen before ${NOON}`]: 'a',
    [`seen at or after ${NOON}`]: 'bc',
    [`seen AT OR BEFORE ${NOON}`]: 'ab',
    "seen after '23-Mar-2015'": 'bc',
    "seen before '23-Mar-2015'": 'a',
    "seen at or after '03/23/2015'": 'bc',
    "seen < '03/24/2015'": 'ab',
    "seen = '2015-03-23T12:00:00.000Z'": 'b',
    "seen = '2015-03-23T12:00:00Z'": 'b',
    "seen = '2015-03-23T14:00:00+02:00'": 'b',
    "seen > '2015-03-23'": 'bc',
    [`seen >= ${NOON} and seen < ${NOON + DAY}`]: 'b',
  },
  relations: {
    "address.city = 'Tokyo'": 'a',
    "address.city in ('Tokyo', 'Oslo')": 'ab',
    "address.objectId = 'oslo'": 'b',
    'children.age > 1': 'cd',
    'children.age = 1': 'd',
    "children.name = 'ann' and children.name = 'Bob'": 'd',
    'children.age > 2': '',
    "children.address.city = 'Oslo'": 'cd',
    "not (address.city = 'Tokyo')": 'bcd',
  },
  'inverted relations': {
    "PhoneBook[contacts].objectId = 'book'": 'ad',
    "PhoneBook[contacts].owner = 'Zoe' and age > 21": 'd',
    "PhoneBook[contacts].owner = 'Max'": '',
    "PhoneBook[contacts].objectId = 'book' and age < 21 and address.city = 'Tokyo'": 'a',
    "Person[children].objectId = 'd'": 'ab',
    "Person[children].name = 'it''s'": 'b',
  },
};

for (const [kind, clauses] of Object.entries(CLAUSES)) {
  test(`${kind} find what they should`, async () => {
    for (const [where, expected] of Object.entries(clauses)) {
      assert.equal(await matching(where), expected, where);
      assert.equal(await people.getObjectCount(where), expected.length, where);
    }
  });
}

test('a clause of three thousand characters works', async () => {
  const never = `(${'age = 77 or '.repeat(250)}age = 78)`;
  assert.ok(never.length > 3_000);

  assert.equal(await matching(never), '');
  assert.equal(await matching(`${never} or name = 'Bob'`), 'b');
  const ids = Array.from(
    { length: 75 },
    (_, n) => `'5E1F0A61-0000-4000-8000-${100_000_000_000 + n}'`,
  );
  assert.equal(await matching(`objectId in (${ids},'a')`), 'a');
});

test('an empty clause is no clause', async () => {
  assert.equal(await matching(''), 'abcd');
  assert.equal(await matching(undefined), 'abcd');
});

test('a clause goes with a builder, and in a GET', async () => {
  const query = Backendless.DataQueryBuilder.create().setWhereClause("name='it''s'");
  assert.equal((await people.find(query))[0].objectId, 'c');

  const params = new URLSearchParams({ where: "name = 'Дима' and age > 1" });
  const answer = await server.call('GET', `/data/Person?${params}`);
  assert.equal(answer.body[0]?.objectId, 'd', answer.text);
});

for (const where of [
  ...['age =', '= 1', 'age = = 1', 'age = 1 and', 'and age = 1', '(age = 1', 'age = 1)', 'age'],
  ...["name = 'open", 'name = "Bob" extra', 'age in', 'age is', 'name like', 'not'],
  ...['age = 1 age = 2', 'age = 1; select 1', 'age = 1 -- all', 'age = /* all */ 1', 'age = 1 #'],
  ...['age in (select age from Person)', 'exists (select 1)', '(select 1) = 1', 'age = (select 1)'],
  ...[
    'launch(age) = 1',
    "load_extension('x') = 1",
    'age = 1 union select 1',
    'age = ?',
    'age = :x',
  ],
  ...['1 = 1 or', 'PhoneBook[contacts] = 1', 'PhoneBook[].owner = 1', 'PhoneBook[contacts.owner'],
  ...["seen after 'yesterday'", "seen = '32-Mar-2015'", "seen after '13/13/2015'"],
  ...['age after', 'age = 0x', 'age = 1e', "age = 'a\u0000b'", '\u0000', '🦊', 'age = 1 collate x'],
]) {
  test(`the clause ${JSON.stringify(where)} is refused`, async () => {
    const answer = await server.call('POST', '/data/Person/find', { json: { where } });

    expectEnvelope(answer, { status: 400, code: [1006, 1017, 8008, 19000] });
  });
}

for (const [where, code] of [
  ['nothing = 1', 1006],
  ['address.nothing = 1', 1006],
  ['nothing.city = 1', [1006, 1127]],
  ['name.city = 1', [1006, 1017, 1127, 19000]],
  ['Nowhere[contacts].owner = 1', [1006, 1009, 1017, 19000]],
  ['PhoneBook[nothing].owner = 1', [1006, 1017, 1127, 19000]],
  ["Address[city].objectId = 'a'", [1006, 1017, 1127, 19000]],
  ['vestibule_users.password = 1', [1006, 1127]],
  ['sqlite_master.name = 1', [1006, 1127]],
  ['rowid = 1', 1006],
]) {
  test(`the clause ${where} names what is not there`, async () => {
    const answer = await server.call('POST', '/data/Person/find', { json: { where } });

    expectEnvelope(answer, { status: 400, code });
  });
}

for (const [what, where] of [
  ['a thousand parentheses', `${'('.repeat(1_000)}age = 1${')'.repeat(1_000)}`],
  ['a hundred thousand parentheses', '('.repeat(100_000)],
  ['ten thousand negations', `${'not '.repeat(10_000)}age = 1`],
  ['a path of a thousand relations', `${'children.'.repeat(1_000)}age = 1`],
  ['a hundred thousand comparisons', 'age = 1 or '.repeat(100_000) + 'age = 1'],
]) {
  test(`${what} are too much`, async () => {
    const answer = await server.call('POST', '/data/Person/find', { json: { where } });

    // As a clause, or as a body that is too large.
    expectEnvelope(answer);
  });
}
