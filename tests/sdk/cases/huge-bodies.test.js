'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const { afterEach, test } = require('node:test');

const { appId, expectEnvelope, keys, PASSWORD, useServer } = require('../harness');

const MEGABYTE = 1024 * 1024;
const TEN_MEGABYTES = 'x'.repeat(10 * MEGABYTE);

const server = useServer();

afterEach(async () => {
  const client = await server.client();
  await client.Users.loginAsGuest();
  assert.equal(await client.Users.isValidLogin(), true);
});

for (const [what, path, body] of [
  ['a login', '/users/login', { login: TEN_MEGABYTES, password: PASSWORD }],
  ['a password', '/users/login', { login: 'a@example.com', password: TEN_MEGABYTES }],
  [
    'a registration',
    '/users/register',
    { email: 'a@example.com', password: PASSWORD, name: TEN_MEGABYTES },
  ],
  ['a query', '/data/Users/find', { where: TEN_MEGABYTES }],
]) {
  test(`${what} of ten megabytes is refused, not reset`, async () => {
    expectTooLarge(await upload(path, JSON.stringify(body)));
  });

  test(`${what} of ten megabytes that does not tell its length is refused, not reset`, async () => {
    expectTooLarge(await upload(path, JSON.stringify(body), { chunked: true }));
  });
}

test('the SDK is told what was wrong with a login of ten megabytes', async () => {
  const client = await server.client();

  const error = await client.Users.login(TEN_MEGABYTES, PASSWORD).then(
    () => assert.fail('nobody has such a name'),
    (refusal) => refusal,
  );

  assert.ok([400, 413].includes(error.status), error.stack);
  assert.equal(typeof error.code, 'number');
});

test('a guest login does not care for a body of ten megabytes, and is not reset by it', async () => {
  const answer = await upload('/users/register/guest', TEN_MEGABYTES);

  assert.ok(answer.status === 200 || answer.status === 413, `${answer.status}`);
});

test('a huge body for a route that does not exist is a 404 or a 413', async () => {
  const answer = await upload('/no/such/route', TEN_MEGABYTES);

  expectEnvelope(answer);
  assert.ok([404, 413].includes(answer.status), `${answer.status}`);
});

test('four huge bodies at once are refused as one is', async () => {
  const body = JSON.stringify({ login: TEN_MEGABYTES, password: PASSWORD });

  const answers = await Promise.all([1, 2, 3, 4].map(() => upload('/users/login', body)));

  answers.forEach(expectTooLarge);
});

function expectTooLarge(answer) {
  expectEnvelope(answer);
  assert.ok([400, 413].includes(answer.status), `${answer.status} ${answer.text}`);
}

/**
 * Sends a body the way the SDK does, with Node's own client: an answer counts only when it comes
 * before any error of the connection.
 */
function upload(path, body, { chunked = false } = {}) {
  const length = chunked ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${server.url}/${appId}/${keys.JS}${path}`,
      { method: 'POST', agent: false, headers: { 'content-type': 'application/json', ...length } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const headers = new Headers({ 'content-type': response.headers['content-type'] ?? '' });
          resolve({ status: response.statusCode, headers, text, body: JSON.parse(text) });
        });
      },
    );
    request.on('error', reject);
    for (let start = 0; start < body.length; start += MEGABYTE) {
      request.write(body.slice(start, start + MEGABYTE));
    }
    request.end();
  });
}
