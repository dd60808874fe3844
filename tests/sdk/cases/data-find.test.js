'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectEnvelope,
  expectRefusal,
  unknownColumn,
  unknownTable,
  useServer,
} = require('../harness');

const ROWS = 250;

let client;
let rows;

const server = useServer({}, async (started) => {
  client = await started.client();
  rows = client.Data.of('Row');
  const all = Array.from({ length: ROWS }, (_, n) => ({
    n,
    name: `row-${String(n).padStart(3, '0')}`,
    kind: ['cat', 'dog', 'cow'][n % 3],
    half: n / 2,
    even: n % 2 === 0,
  }));
  for (let start = 0; start < ROWS; start += 100) {
    await rows.bulkCreate(all.slice(start, start + 100));
  }
});

const query = () => Backendless.DataQueryBuilder.create();
const numbers = (found) => found.map((row) => row.n);
const upTo = (end) => Array.from({ length: end }, (_, n) => n);

async function everyPage(builder) {
  const found = [];
  for (;;) {
    const page = await rows.find(builder);
    found.push(...page);
    if (page.length < builder.getPageSize()) {
      return found;
    }
    builder.prepareNextPage();
  }
}

for (const pageSize of [10, 100]) {
  test(`pages of ${pageSize} give every one of ${ROWS} rows once, in order`, async () => {
    const found = await everyPage(query().setSortBy('n').setPageSize(pageSize));

    assert.deepEqual(numbers(found), upTo(ROWS));
  });
}

test('pages that nobody sorted give every row once, too', async () => {
  const found = await everyPage(query().setPageSize(37));

  assert.deepEqual(
    numbers(found).sort((a, b) => a - b),
    upTo(ROWS),
  );
});

test('pages that are sorted by a column with few values give every row once', async () => {
  const found = await everyPage(query().setSortBy('kind').setPageSize(20));

  assert.deepEqual(
    numbers(found).sort((a, b) => a - b),
    upTo(ROWS),
  );
});

test('a page has ten rows unless asked otherwise', async () => {
  assert.equal((await rows.find()).length, 10);
  assert.equal((await rows.find(query())).length, 10);
  assert.equal((await rows.find(query().setPageSize(100))).length, 100);
});

test('an offset past the end gives nothing', async () => {
  assert.deepEqual(await rows.find(query().setOffset(ROWS)), []);
  assert.deepEqual(await rows.find(query().setOffset(1_000_000)), []);
  assert.equal((await rows.find(query().setOffset(ROWS - 3))).length, 3);
});

for (const [what, asked, code] of [
  ['a page size of 0', { pageSize: 0 }, 1005],
  ['a page size of -1', { pageSize: -1 }, 1005],
  ['a page size of 101', { pageSize: 101 }, 1025],
  ['a page size of 10^12', { pageSize: 1e12 }, 1025],
  ['an offset of -1', { offset: -1 }, 1004],
  ['a relation page size of 101', { relationsDepth: 1, relationsPageSize: 101 }, 1025],
  ['a relation page size of -1', { relationsDepth: 1, relationsPageSize: -1 }, 1005],
]) {
  test(`${what} is refused with ${code}`, async () => {
    await expectRefusal(rows.find(asked), { code, status: 400 });
    const params = new URLSearchParams(asked);
    expectEnvelope(await server.call('GET', `/data/Row?${params}`), { code });
  });
}

for (const [what, asked] of [
  ['a page size that is a word', { pageSize: 'ten' }],
  ['a page size that is a fraction', { pageSize: 1.5 }],
  ['an offset of 10^30', { offset: 1e30 }],
  ['a clause that is an object', { where: { n: 1 } }],
  ['columns that are an object', { props: { n: 1 } }],
  ['distinct that is a word', { distinct: 'perhaps' }],
  ['a depth of -1', { relationsDepth: -1 }],
  ['a depth of 10^12', { relationsDepth: 1e12 }],
]) {
  test(`${what} breaks nothing`, async () => {
    const answer = await server.call('POST', '/data/Row/find', { json: asked });

    if (answer.status !== 200) {
      expectEnvelope(answer, { status: 400 });
    }
  });
}

for (const [sortBy, expected] of [
  ['n', [0, 1, 2]],
  ['n asc', [0, 1, 2]],
  ['n desc', [249, 248, 247]],
  ['n DESC', [249, 248, 247]],
  [
    ['kind', 'n desc'],
    [249, 246, 243],
  ],
  ['kind desc,n', [1, 4, 7]],
  ['kind desc , n asc', [1, 4, 7]],
  [
    ['even', 'half desc'],
    [249, 247, 245],
  ],
]) {
  test(`sorted by ${sortBy}, these come first`, async () => {
    const found = await rows.find(query().setSortBy(sortBy).setPageSize(3));

    assert.deepEqual(numbers(found), expected);
  });
}

test('a sort that makes no sense is refused', async () => {
  await expectRefusal(rows.find(query().setSortBy('nothing')), unknownColumn('nothing', 'Row'));
  for (const sortBy of ['n sideways', 'n; drop table Row', '(select 1)', 'n desc desc']) {
    await expectRefusal(rows.find(query().setSortBy(sortBy)), { status: 400 });
  }
});

test('a clause narrows, a sort orders and a page cuts', async () => {
  const asked = query().setWhereClause("kind = 'dog' and n > 100").setSortBy('n').setOffset(1);

  assert.deepEqual(numbers(await rows.find(asked.setPageSize(2))), [106, 109]);
});

test('GET finds what POST finds', async () => {
  const asked = {
    ...{ where: "name like 'row-1%' and kind = 'cow'", sortBy: 'n desc', props: 'n,name' },
    ...{ pageSize: 7, offset: 2 },
  };
  const posted = await server.call('POST', '/data/Row/find', { json: asked });

  const got = await server.call('GET', `/data/Row?${new URLSearchParams(asked)}`);

  assert.equal(got.status, 200, got.text);
  assert.equal(got.body.length, 7);
  assert.deepEqual(got.body, posted.body);
  assert.equal((await server.call('GET', '/data/Row')).body.length, 10);
});

test('keys that nobody knows and empty lists are ignored', async () => {
  const odd = {
    ...{ properties: '', relations: '', sortBy: '', groupBy: '', where: '', having: '' },
    ...{ fileReferencePrefix: 'http://files', relationsDepth: 0, unknown: { deep: [1] } },
  };

  assert.deepEqual(await rows.find(odd), await rows.find());
  const emptied = query().setProperties([]).setSortBy([]).setGroupBy([]).setRelated([]);
  assert.deepEqual(await rows.find(emptied), await rows.find());
});

test('rows come as instances of the class that is mapped to their table', async () => {
  class Row {}
  const mapped = await server.client();
  mapped.Data.mapTableToClass(Row);

  const [row] = await mapped.Data.of(Row).find(query().setWhereClause('n = 7'));

  assert.ok(row instanceof Row);
  assert.equal(row.name, 'row-007');
});

test('an unknown table is told in the exact words and is not made', async () => {
  await expectRefusal(client.Data.of('Nowhere').find(), unknownTable('Nowhere'));
  expectEnvelope(await server.call('GET', '/data/Nowhere'), unknownTable('Nowhere'));
  await expectRefusal(client.Data.of('row').find(), { code: 1009 });

  assert.equal(await server.table('Nowhere'), undefined);
});
