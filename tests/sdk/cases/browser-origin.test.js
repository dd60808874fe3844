'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { appId, expectEnvelope, keys, useServer } = require('../harness');

const ORIGIN = 'https://shop.example.com';

const server = useServer();

/** What a browser asks before it lets a page make a call. */
function preflight(path, method, headers) {
  return server.send('OPTIONS', path, {
    headers: {
      origin: ORIGIN,
      'access-control-request-method': method,
      ...(headers.length > 0 ? { 'access-control-request-headers': headers.join(',') } : {}),
    },
  });
}

function list(header) {
  return (header ?? '').split(',').map((item) => item.trim().toLowerCase());
}

/** Whether a browser would now send the call. */
function expectAllowed(answer, method, headers) {
  assert.ok(answer.status === 200 || answer.status === 204, `${answer.status} ${answer.text}`);
  assert.ok(['*', ORIGIN].includes(answer.headers.get('access-control-allow-origin')));
  const methods = list(answer.headers.get('access-control-allow-methods'));
  assert.ok(methods.includes(method.toLowerCase()) || methods.includes('*'), methods.join());
  const allowed = list(answer.headers.get('access-control-allow-headers'));
  for (const header of headers) {
    assert.ok(allowed.includes(header) || allowed.includes('*'), `${header} not in ${allowed}`);
  }
  assert.ok(Number(answer.headers.get('access-control-max-age')) > 0, 'no Access-Control-Max-Age');
}

const SDK_HEADERS = ['content-type', 'user-token', 'bl-execution-type', 'x-a-header-of-their-own'];

for (const [method, path] of [
  ['POST', '/users/login'],
  ['POST', '/users/register/guest'],
  ['GET', '/users/logout'],
  ['PUT', '/users/SOME-ID'],
  ['DELETE', '/data/Users/SOME-ID'],
]) {
  test(`a page may ask for ${method} ${path} in both URL forms`, async () => {
    for (const root of [`/${appId}/${keys.JS}`, '/api']) {
      expectAllowed(await preflight(root + path, method, SDK_HEADERS), method, SDK_HEADERS);
    }
  });
}

test('a preflight needs neither a key nor a token that exists', async () => {
  expectAllowed(
    await preflight('/NO-APP/NO-KEY/users/login', 'POST', SDK_HEADERS),
    'POST',
    SDK_HEADERS,
  );
});

test('a page of another origin logs a guest in and uses the token', async () => {
  const root = `/${appId}/${keys.JS}`;
  expectAllowed(await preflight(`${root}/users/register/guest`, 'POST', []), 'POST', []);
  const guest = await server.send('POST', `${root}/users/register/guest`, {
    headers: { origin: ORIGIN },
  });
  assert.equal(guest.status, 200, guest.text);
  expectReadable(guest);

  const path = `${root}/data/Users/${guest.body.objectId}`;
  expectAllowed(await preflight(path, 'GET', ['user-token']), 'GET', ['user-token']);
  const row = await server.send('GET', path, {
    headers: { origin: ORIGIN },
    token: guest.body['user-token'],
  });
  assert.equal(row.status, 200, row.text);
  expectReadable(row);
});

test('a page can read refusals as well', async () => {
  const headers = { origin: ORIGIN };
  const json = { login: 'nobody@example.com', password: 'wrong' };

  const login = await server.call('POST', '/users/login', { headers, json });
  expectEnvelope(login, { code: 3003 });
  expectReadable(login);

  const unknown = await server.call('GET', '/no/such/route', { headers });
  expectEnvelope(unknown, { status: 404 });
  expectReadable(unknown);

  const malformed = await server.call('POST', '/users/login', { headers, raw: '{' });
  expectEnvelope(malformed, { code: 8002 });
  expectReadable(malformed);

  const wrongApp = await server.send('GET', `/NO-APP/${keys.JS}/info`, { headers });
  expectEnvelope(wrongApp, { code: 2002 });
  expectReadable(wrongApp);
});

function expectReadable(answer) {
  assert.ok(
    ['*', ORIGIN].includes(answer.headers.get('access-control-allow-origin')),
    `a browser would hide this answer: ${answer.text}`,
  );
}
