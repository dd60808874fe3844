'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { test } = require('node:test');

const { adminToken, appId, expectEnvelope, keys, useServer } = require('../harness');

const server = useServer();

const NOT_FOUND = { status: 404 };

test('unknown routes below the app are 404 in the envelope', async () => {
  for (const path of [
    '/nothing',
    '/nothing/at/all',
    '/users/no/such/thing',
    '/data',
    '/services',
  ]) {
    expectEnvelope(await server.call('GET', path), NOT_FOUND);
    expectEnvelope(await server.call('POST', path, { json: {} }), NOT_FOUND);
    expectEnvelope(await server.send('GET', `/api${path}`), NOT_FOUND);
  }
});

test('unknown routes outside any app are 404 in the envelope', async () => {
  for (const path of ['/', '/nothing', '/favicon.ico', '/api', '/api/']) {
    expectEnvelope(await server.send('GET', path), NOT_FOUND);
  }
});

test('a known route with the wrong method is refused in the envelope', async () => {
  for (const [method, path] of [
    ['DELETE', '/users/login'],
    ['POST', '/users/logout'],
    ['POST', '/info'],
    ['DELETE', '/users/userclassprops'],
    ['PROPFIND', '/users/login'],
  ]) {
    const answer = await server.call(method, path);
    expectEnvelope(answer);
    assert.ok([404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
  }
});

test('HEAD is answered without a body and without an error of the server', async () => {
  const answer = await server.call('HEAD', '/info');

  assert.ok(answer.status < 500);
  assert.equal(answer.text, '');
});

test('a slash too many in the middle does not find another route', async () => {
  const answer = await server.call('GET', '/users//');

  expectEnvelope(answer);
});

test('paths that a client library would have cleaned up are answered, too', async () => {
  const root = `/${appId}/${keys.JS}`;
  for (const path of [
    `${root}/../../healthz`,
    `${root}/users/../../../etc/passwd`,
    `${root}/data/Users/..`,
    `${root}/users/%2e%2e%2f%2e%2e%2fetc%2fpasswd`,
    `${root}/users/%`,
    `${root}/users/%zz`,
    `${root}/users/%ff%fe`,
    `${root}/data/Users/%c0%ae`,
    `//////`,
    `/${'a'.repeat(8_000)}`,
    `${root}/data/Users/${'a'.repeat(8_000)}`,
    `${root}/data/Users/x?${'props=a&'.repeat(1_000)}`,
    `${root}/users/isvalidusertoken/`,
  ]) {
    const answer = await exactly('GET', path);
    assert.ok(answer.status < 500, `${path.slice(0, 80)}: ${answer.status}`);
    assert.ok(!answer.text.includes('root:'), path);
    if (answer.status >= 300) {
      expectEnvelope(answer);
    }
  }
});

test('a wrong app id or key is told as 2002 before anything else', async () => {
  const wrong = '5E1F0A61-0000-4000-8000-0000000BAD00';
  for (const root of [
    ...[`/${wrong}/${keys.JS}`, `/${appId}/${wrong}`, `/${wrong}/${wrong}`, `/${keys.JS}/${appId}`],
    ...[`/${appId}/${adminToken}`, `/${appId}/%20`, `/${appId}/%00`, `/${appId}/${keys.JS}x`],
  ]) {
    for (const [method, path, options] of [
      ['GET', '/info'],
      ['GET', '/users/userroles'],
      ['GET', '/users/logout', { token: 'a-token-nobody-issued' }],
      ['POST', '/users/login', { raw: '{' }],
      ['POST', '/users/register', { json: {} }],
      ['POST', '/data/Users/find', { json: {} }],
      ['PUT', '/users/SOME-ID/status', { json: { userStatus: 'DISABLED' } }],
    ]) {
      const answer = await server.send(method, root + path, options);
      expectEnvelope(answer, { code: 2002, status: 400 });
    }
  }
});

test('the admin API asks for its token first', async () => {
  for (const path of ['/admin/api/settings', '/admin/api/app']) {
    expectEnvelope(await server.send('GET', path), { status: 401 });
    const headers = { authorization: `Bearer ${adminToken}x` };
    expectEnvelope(await server.send('GET', path, { headers }), { status: 401 });
  }
});

test('headers that other clients send are accepted and ignored', async () => {
  const headers = {
    'application-type': 'ANDROID',
    'api-version': '1.0',
    'application-id': 'ANOTHER-APP',
    'secret-key': 'ANOTHER-KEY',
    accept: 'text/html',
    'user-agent': '',
  };

  const answer = await server.call('POST', '/users/register/guest', { headers });

  assert.equal(answer.status, 200, answer.text);
});

/** A request whose path goes out as it is: `fetch` would tidy it up. */
function exactly(method, path) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        const headers = new Headers({ 'content-type': response.headers['content-type'] ?? '' });
        let body = text;
        try {
          body = JSON.parse(text);
        } catch {
          // expectEnvelope tells
        }
        resolve({ status: response.statusCode, headers, text, body });
      });
    });
    request.on('error', reject);
    request.end();
  });
}
