'use strict';

// A page to try the API: it reads /openapi.json and makes a form of each operation. Whatever comes
// from the server is put into the page as text, never as markup.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const $ = (id) => document.getElementById(id);

/** An element with properties and children; texts become text nodes. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** What every request needs: the admin token for the operator's calls, the session's for others. */
function headersOf(operation) {
  const headers = {};
  const wants = (scheme) => (operation.security ?? []).some((way) => scheme in way);
  if (wants('adminToken') && $('admin-token').value) {
    headers.authorization = `Bearer ${$('admin-token').value.trim()}`;
  }
  if (wants('userToken') && $('user-token').value) {
    headers['user-token'] = $('user-token').value.trim();
  }
  return headers;
}

function fieldOf(parameter) {
  const input = element('input', { autocomplete: 'off', spellcheck: false });
  const label = parameter.name + (parameter.required ? ' *' : '');
  const row = element(
    'label',
    { className: 'field' },
    element('span', {}, label),
    input,
    element('small', {}, parameter.description ?? ''),
  );
  return { parameter, input, row };
}

/** The headers that the fields say, those left out that are empty. */
function headersIn(fields) {
  const filled = fields.filter(({ parameter, input }) => parameter.in === 'header' && input.value);
  return Object.fromEntries(filled.map(({ parameter, input }) => [parameter.name, input.value]));
}

/** The URL with what the fields say; a query key that is left empty is left out. */
function urlOf(root, path, fields) {
  const query = new URLSearchParams();
  let filled = path;
  for (const { parameter, input } of fields) {
    if (parameter.in === 'path') {
      filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    } else if (parameter.in === 'query' && input.value !== '') {
      query.append(parameter.name, input.value);
    }
  }
  const search = query.toString();
  return root.replace(/\/$/, '') + filled + (search ? `?${search}` : '');
}

async function send(method, url, operation, fields, body) {
  const headers = { ...headersOf(operation), ...headersIn(fields) };
  if (body) headers['content-type'] = 'application/json';
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers,
    body: body || undefined,
    credentials: 'omit',
  });
  const text = await response.text();
  try {
    const json = JSON.parse(text);
    if (json && json['user-token']) $('user-token').value = json['user-token'];
    return [response, JSON.stringify(json, null, 2)];
  } catch {
    return [response, text];
  }
}

function refusals(operation) {
  const rows = Object.entries(operation.responses).map(([status, response]) =>
    element('tr', {}, element('td', {}, status), element('td', {}, response.description)),
  );
  return element('details', {}, element('summary', {}, 'answers'), element('table', {}, ...rows));
}

function formOf(root, path, method, operation) {
  const fields = (operation.parameters ?? []).map(fieldOf);
  const about = element('p', {}, operation.description ?? '');
  const form = element('form', {}, about, ...fields.map(({ row }) => row));
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = element('textarea', { spellcheck: false, hidden: !schema });
  if (schema?.examples) body.value = JSON.stringify(schema.examples[0], null, 2);
  const output = element('pre', { hidden: true });
  form.append(body, element('p', {}, element('button', {}, 'Send')), output);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    output.hidden = false;
    output.textContent = '…';
    try {
      const url = urlOf(root, path, fields);
      const [response, text] = await send(method, url, operation, fields, schema && body.value.trim());
      output.textContent = `${response.status} ${response.statusText}\n\n${text}`;
    } catch (error) {
      output.textContent = `there was no answer: ${error.message}`;
    }
  });
  return form;
}

function detailsOf(root, path, method, operation) {
  const name = element('summary', {}, element('b', {}, method.toUpperCase()), element('code', {}, path));
  name.append(operation.summary ?? '');
  const details = element('details', { className: method }, name);
  details.dataset.text = `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
  // Made when it is first opened.
  details.addEventListener(
    'toggle',
    () => details.append(formOf(root, path, method, operation), refusals(operation)),
    { once: true },
  );
  return details;
}

function show(api) {
  $('version').textContent = api.info.version;
  $('about').textContent = api.info.description;
  const sections = new Map();
  for (const { name, description } of api.tags) {
    sections.set(name, element('section', {}, element('h2', {}, name), element('p', {}, description)));
  }
  for (const [path, item] of Object.entries(api.paths)) {
    const root = (item.servers ?? api.servers)[0].url;
    for (const method of METHODS.filter((known) => known in item)) {
      sections.get(item[method].tags[0]).append(detailsOf(root, path, method, item[method]));
    }
  }
  $('operations').replaceChildren(...sections.values());
}

function search() {
  const wanted = $('search').value.trim().toLowerCase();
  for (const details of document.querySelectorAll('main > section > details')) {
    details.hidden = !details.dataset.text.includes(wanted);
  }
}

async function load() {
  const token = $('admin-token').value.trim();
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const response = await fetch('/openapi.json', { headers, credentials: 'omit' });
  const json = await response.json();
  if (response.ok) show(json);
  else $('status').textContent = json.message;
}

$('search').addEventListener('input', search);
$('admin-token').addEventListener('change', () => $('status') && load());
load().catch((error) => ($('status').textContent = `the document cannot be read: ${error.message}`));
