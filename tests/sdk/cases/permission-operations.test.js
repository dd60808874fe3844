'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { PASSWORD, expectEnvelope, freshEmail, freshTable, toMany, useServer } =
  require('../harness');

const server = useServer();

const STRANGERS = 'NotAuthenticatedUser';

const say = (access, resource, operation, role = STRANGERS) =>
  server.admin('PUT', '/permissions', { role, resource, operation, access });

/** Denies an operation while something is done, and then takes the denial back. */
async function denied(resource, operation, work, role = STRANGERS) {
  await say('DENY', resource, operation, role);
  try {
    return await work();
  } finally {
    await say('INHERIT', resource, operation, role);
  }
}

/** Two tables with a record each; those of `parents` refer to those of `children`. */
async function family() {
  const [parents, children] = [freshTable(), freshTable()];
  await server.createTable(children, { n: 'INT' });
  await server.createTable(parents, { n: 'INT', kids: toMany(children) });
  const [parent, child] = await Promise.all(
    [parents, children].map(async (table) => {
      const made = await server.call('POST', `/data/${table}`, { json: { n: 1 } });
      return made.body.objectId;
    }),
  );
  return { parents, children, parent, child };
}

describe('whoever is denied one operation of a table', () => {
  const everybody = { permission: 'FIND', user: '*' };
  // Of each call: the operation, the code of its refusal, the method, the path below the table, and
  // the body; the ids of the two records come in for the words in braces.
  const calls = [
    ['ADD', 1011, 'POST', '', { n: 2 }],
    ['ADD', 1011, 'PUT', '', { n: 2 }],
    ['ADD', 1011, 'PUT', '/deep-save', { n: 2 }],
    ['FIND', 1013, 'GET', ''],
    ['FIND', 1013, 'POST', '/find', {}],
    ['FIND', 1013, 'POST', '/count', {}],
    ['FIND', 1000, 'GET', '/{parent}'],
    ['UPDATE', 1012, 'PUT', '/{parent}', { n: 2 }],
    ['UPDATE', 1012, 'PUT', '', { objectId: '{parent}', n: 2 }],
    ['UPDATE', 1012, 'PUT', '/upsert', { objectId: '{parent}', n: 2 }],
    ['UPDATE', 1012, 'PUT', '/{parent}/kids', ['{child}']],
    ['REMOVE', 1014, 'DELETE', '/{parent}'],
    ['DESCRIBE', 1015, 'GET', '/properties'],
    ['UPSERT', 1134, 'PUT', '/upsert', { n: 2 }],
    ['LOAD_RELATIONS', 1134, 'GET', '/{parent}/kids'],
    ['LOAD_RELATIONS', 1134, 'GET', '/{parent}?loadRelations=kids'],
    ['LOAD_RELATIONS', 1134, 'POST', '/find', { relationsDepth: 1 }],
    ['ADD_RELATION', 1134, 'PUT', '/{parent}/kids', ['{child}']],
    ['ADD_RELATION', 1134, 'POST', '/{parent}/kids', ['{child}']],
    ['DELETE_RELATION', 1134, 'POST', '/{parent}/kids', ['{child}']],
    ['DELETE_RELATION', 1134, 'DELETE', '/{parent}/kids', ['{child}']],
    ['PERMISSION', 1023, 'PUT', '/permissions/GRANT/{parent}', everybody],
    ['PERMISSION', 1023, 'PUT', '/permissions/GRANT', everybody],
  ];
  for (const [operation, code, method, path, body] of calls) {
    const json = JSON.stringify(body);
    test(`${operation}: ${method} ${path || 'of the table'} ${json ?? ''} is ${code}`, async () => {
      const { parents, parent, child } = await family();
      const filled = (text) => text?.replace('{parent}', parent).replace('{child}', child);
      const call = () =>
        server.call(method, `/data/${parents}${filled(path)}`, { raw: filled(json) });

      const refused = await denied(`data:${parents}`, operation, call);
      expectEnvelope(refused, { code, status: code === 1000 ? 400 : 403 });
      if (code === 1134) {
        assert.ok(refused.body.message.includes(operation), refused.text);
      }
      const again = await call();
      assert.equal(again.status, 200, again.text);
    });
  }

  test('ADD and UPSERT: many at once are refused alike', async () => {
    const { parents } = await family();
    const many = { json: [{ n: 2 }, { n: 3 }] };
    const create = () => server.call('POST', `/data/bulk/${parents}`, many);
    const upsert = () => server.call('PUT', `/data/bulkupsert/${parents}`, many);
    expectEnvelope(await denied(`data:${parents}`, 'ADD', create), { code: 1011, status: 403 });
    expectEnvelope(await denied(`data:${parents}`, 'ADD', upsert), { code: 1011, status: 403 });
    expectEnvelope(await denied(`data:${parents}`, 'UPSERT', upsert), { code: 1134, status: 403 });
    assert.equal((await server.call('POST', `/data/${parents}/count`, { json: {} })).body, 1);
  });

  test('UPDATE and REMOVE of one record: bulk operations pass over it', async () => {
    const table = freshTable();
    await server.createTable(table, { n: 'INT' });
    const made = await server.call('POST', `/data/bulk/${table}`, { json: [{ n: 1 }, { n: 1 }] });
    const [kept] = made.body;
    for (const permission of ['UPDATE', 'REMOVE']) {
      const json = { permission, role: STRANGERS };
      await server.call('PUT', `/data/${table}/permissions/DENY/${kept}`, { key: 'BL', json });
    }

    const changes = { json: { n: 2 } };
    const updated = await server.call('PUT', `/data/bulk/${table}?where=n%20%3E%200`, changes);
    assert.equal(updated.body, 1, updated.text);
    const where = { json: { where: 'n > 0' } };
    const removed = await server.call('POST', `/data/bulk/${table}/delete`, where);
    assert.equal(removed.body, 1, removed.text);
    const left = await server.call('GET', `/data/${table}`);
    assert.deepEqual(left.body.map((row) => [row.objectId, row.n]), [[kept, 1]]);
  });
});

test('a child that may not be found is linked no more than one that does not exist', async () => {
  const { parents, children, parent, child } = await family();
  const hide = { permission: 'FIND', role: STRANGERS };
  const path = `/data/${children}/permissions/DENY/${child}`;
  await server.call('PUT', path, { key: 'BL', json: hide });

  const kids = `/data/${parents}/${parent}/kids`;
  const hidden = await server.call('PUT', kids, { json: [child] });
  const unknown = await server.call('PUT', kids, { json: ['NOBODY'] });
  assert.deepEqual([hidden.status, hidden.body], [unknown.status, unknown.body]);
  assert.deepEqual((await server.call('GET', kids, { key: 'BL' })).body, []);
});

test('children that may not be found come with no record and are met by no clause', async () => {
  const { parents, children, parent, child } = await family();
  await server.call('PUT', `/data/${parents}/${parent}/kids`, { json: [child] });
  await denied(`data:${children}`, 'FIND', async () => {
    const loaded = await server.call('GET', `/data/${parents}/${parent}?loadRelations=kids`);
    assert.deepEqual(loaded.body.kids, [], loaded.text);
    const met = await server.call('GET', `/data/${parents}?where=kids.n%20%3D%201`);
    assert.deepEqual(met.body, [], met.text);
  });
});

describe('whoever is denied one operation of users', () => {
  const account = () => ({ email: freshEmail(), password: PASSWORD });
  const calls = {
    REGISTER: () => server.call('POST', '/users/register', { json: account() }),
    LOGIN: () => {
      const nobody = { login: 'nobody@example.com', password: 'x' };
      return server.call('POST', '/users/login', { json: nobody });
    },
    LOGIN_AS_GUEST: () => server.call('POST', '/users/register/guest'),
    DESCRIBE: () => server.call('GET', '/users/userclassprops'),
    RESTORE_PASSWORD: () => server.call('GET', '/users/restorepassword/nobody@example.com'),
  };
  for (const [operation, call] of Object.entries(calls)) {
    test(`${operation}: refused with 2000 before anything else is looked at`, async () => {
      expectEnvelope(await denied('users', operation, call), { code: 2000, status: 403 });
      const again = await call();
      assert.notEqual(again.body.code, 2000, again.text);
    });
  }

  test('UPDATE: the own account, too, is refused with 2000', async () => {
    const { user, token } = await server.registerAndLogIn();
    const path = `/users/${user.objectId}`;
    const rename = () => server.call('PUT', path, { token, json: { name: 'Ann' } });
    const refused = await denied('users', 'UPDATE', rename, 'AuthenticatedUser');
    expectEnvelope(refused, { code: 2000, status: 403 });
    assert.equal((await rename()).body.name, 'Ann');
  });

  test('a denial of everything leaves logout, isvalidusertoken, userroles and /info', async () => {
    const paths = ['/users/logout', '/users/isvalidusertoken/x', '/users/userroles', '/info'];
    const ask = async () => {
      for (const path of paths) {
        const answer = await server.call('GET', path);
        assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      }
    };
    const everything = [
      ...['FIND', 'ADD', 'UPDATE', 'REMOVE', 'DESCRIBE'].map((operation) => ['data', operation]),
      ...Object.keys(calls).map((operation) => ['users', operation]),
    ];
    const work = everything.reduce(
      (inner, [resource, operation]) => () => denied(resource, operation, inner),
      ask,
    );
    await work();
  });
});

test('where a permission names a user and a role, the user is meant', async () => {
  const { parents, parent } = await family();
  const { user, token } = await server.registerAndLogIn();
  const json = { permission: 'FIND', user: user.objectId, role: STRANGERS };
  await server.call('PUT', `/data/${parents}/permissions/DENY/${parent}`, { json });
  const path = `/data/${parents}/${parent}`;
  assert.equal((await server.call('GET', path)).status, 200);
  expectEnvelope(await server.call('GET', path, { token }), { code: 1000 });
});
