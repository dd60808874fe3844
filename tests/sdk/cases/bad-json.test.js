'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, freshEmail, PASSWORD, useServer } = require('../harness');

let victim;

const server = useServer({}, async (started) => {
  victim = await started.registerAndLogIn({ name: 'Ada' });
});

const routes = {
  login: (raw) => server.call('POST', '/users/login', { raw }),
  register: (raw) => server.call('POST', '/users/register', { raw }),
  update: (raw) =>
    server.call('PUT', `/users/${victim.account.objectId}`, { raw, token: victim.token }),
  find: (raw) => server.call('POST', '/data/Users/find', { raw, token: victim.token }),
  status: (raw) =>
    server.call('PUT', `/users/${victim.account.objectId}/status`, { raw, key: 'BL' }),
  verifyPassword: (raw) =>
    server.call('POST', '/users/verifypassowrd', { raw, token: victim.token, key: 'BL' }),
};

async function expectNothingStored() {
  const { client, account, token } = victim;
  const user = await client.Users.getCurrentUser(true);
  assert.equal(user.name, 'Ada');
  assert.equal(user.email, account.email);
  assert.equal(user.userStatus, 'ENABLED');
  assert.equal(await server.isAlive(token), true);
}

async function countUsers() {
  return (await victim.client.Data.of('Users').find({ pageSize: 100 })).length;
}

const deep = 20_000;

for (const [what, raw] of [
  ['half an object', '{'],
  ['an object cut off in a string', '{"login":"some'],
  ['a trailing comma', '{"login":"a","password":"b",}'],
  ['single quotes', "{'login':'a'}"],
  ['a bare word', 'login'],
  ['two values', '{} {}'],
  ['something after the object', '{"login":"a","password":"b"}x'],
  ['a control character in a string', '{"login":"a\u0000b","password":"c"}'],
  ['a raw line break in a string', '{"login":"a\nb"}'],
  ['a comment', '{"login":"a" /* b */}'],
  ['NaN', '{"login":NaN}'],
  ['an unknown escape', '{"login":"\\x41"}'],
  ['half a surrogate pair', '{"login":"\\ud800","password":"b"}'],
  [
    'bytes that are not UTF-8',
    Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  ],
  ['form fields', 'login=a&password=b'],
  ['XML', '<login>a</login>'],
  ['arrays nested without end', '['.repeat(deep)],
  ['objects nested too deep', '{"a":'.repeat(deep) + '1' + '}'.repeat(deep)],
]) {
  test(`${what} is refused with 8002 and stores nothing`, async () => {
    const users = await countUsers();
    for (const [route, call] of Object.entries(routes)) {
      try {
        expectEnvelope(await call(raw), { code: 8002, status: 400 });
      } catch (error) {
        throw new Error(`${route}: ${error.message}`, { cause: error });
      }
    }
    await expectNothingStored();
    assert.equal(await countUsers(), users);
  });
}

for (const raw of [
  '[]',
  '[{}]',
  '[{"login":"a","password":"b"}]',
  '"login"',
  '17',
  'true',
  'null',
]) {
  test(`${raw} is no object and is refused`, async () => {
    const users = await countUsers();
    for (const call of [
      routes.login,
      routes.register,
      routes.update,
      routes.status,
      routes.verifyPassword,
    ]) {
      expectEnvelope(await call(raw), { status: 400 });
    }
    await expectNothingStored();
    assert.equal(await countUsers(), users);
  });
}

test('a missing body is refused where one is needed', async () => {
  for (const raw of [undefined, '']) {
    for (const call of [routes.login, routes.register, routes.status, routes.verifyPassword]) {
      expectEnvelope(await call(raw), { status: 400 });
    }
  }
});

test('a property given twice is refused, by its plain or its escaped name', async () => {
  const password = JSON.stringify(victim.account.password);
  const login = JSON.stringify(victim.account.email);

  for (const twice of ['login', '\\u006cogin']) {
    const raw = `{"login":"somebody-else","${twice}":${login},"password":${password}}`;
    expectEnvelope(await routes.login(raw), { code: 8001, status: 400 });
  }
  expectEnvelope(await routes.update('{"name":"Eve","name":"Mallory"}'), {
    code: 8001,
    status: 400,
  });
  expectEnvelope(await routes.find('{"pageSize":1,"pageSize":2}'), { code: 8001, status: 400 });
  await expectNothingStored();
});

test('a property given twice at registration is refused with 3043', async () => {
  const users = await countUsers();
  const raw = `{"email":"${freshEmail()}","email":"${freshEmail()}","password":"${PASSWORD}"}`;

  expectEnvelope(await routes.register(raw), { code: 3043, status: 400 });

  assert.equal(await countUsers(), users);
});

test('the content type of a body is no reason for an error of the server', async () => {
  const raw = JSON.stringify({ login: victim.account.email, password: 'wrong' });

  for (const type of [
    'text/plain',
    'application/octet-stream',
    'application/json; charset=utf-8',
  ]) {
    const answer = await server.call('POST', '/users/login', {
      raw,
      headers: { 'content-type': type },
    });
    expectEnvelope(answer);
  }
});
