// Opens every notebook in a real JupyterLab in headless Chromium, first as an
// untrusted copy that is only looked at, then with Run All.
//
//   node browser.mjs --venv DIR --modules DIR --notebooks DIR --pictures DIR [--chromium FILE] [NOTEBOOK...]
//
// Seen without running: the committed tables and diagrams are drawn, though the
// notebook is not trusted. Seen after Run All: no error, the outputs are the
// committed ones, the tables and diagrams are drawn again. Each view is
// photographed into the folder of pictures. The server works on a copy of the
// notebooks, with its own settings and data, so that nothing of the user's is touched.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    venv: { type: 'string' },
    modules: { type: 'string' },
    notebooks: { type: 'string' },
    pictures: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const { chromium } = createRequire(path.resolve(options.modules, 'x.js'))('playwright-core');

const width = 1280;
const tallest = 6000; // of one picture, in pixels
const patience = 180_000; // for anything that is waited for, in milliseconds

let passed = 0;
let failed = 0;
function check(holds, what, detail = '') {
  if (holds) {
    passed++;
    return;
  }
  failed++;
  console.log(`FAILED: ${what}${detail && `\n        ${detail}`}`);
}

// outputsOf brings the outputs of a notebook into the form that is compared:
// streams of one name merged, no metadata, no counts.
function outputsOf(notebook) {
  const text = value => (Array.isArray(value) ? value.join('') : value);
  return notebook.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => {
      const all = [];
      for (const output of cell.outputs) {
        const last = all.at(-1);
        if (output.output_type === 'stream') {
          if (last?.stream === output.name) last.text += text(output.text);
          else all.push({ stream: output.name, text: text(output.text) });
        } else if (output.output_type === 'error') {
          all.push({ error: `${output.ename}: ${output.evalue}` });
        } else {
          const data = {};
          for (const key of Object.keys(output.data).sort()) {
            const value = output.data[key];
            data[key] = key.endsWith('json') ? sorted(value) : text(value).trimEnd();
          }
          all.push({ data });
        }
      }
      return all;
    });
}

// sorted puts the keys of objects in order: JSON says nothing about it.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]));
}

// count tells what of a notebook's outputs must be seen as a table or a diagram.
function count(notebook) {
  let tables = 0;
  let diagrams = 0;
  for (const { data } of outputsOf(notebook).flat()) {
    if (!data) continue;
    if (Object.keys(data).some(mime => /^application\/vnd\.vega/.test(mime))) diagrams++;
    else if (data['text/html']) tables += data['text/html'].split('<table').length - 1;
  }
  return { tables, diagrams };
}

async function startLab(folder) {
  const runtime = path.join(folder, 'runtime');
  const token = 'netsplit-test';
  const arguments_ = [
    'lab', '--no-browser', '--ServerApp.ip=127.0.0.1', '--ServerApp.port=0', '--ServerApp.port_retries=0',
    `--ServerApp.root_dir=${path.join(folder, 'notebooks')}`, `--IdentityProvider.token=${token}`,
    '--LabApp.expose_app_in_browser=True', '--ServerApp.open_browser=False',
  ];
  if (process.getuid() === 0) arguments_.push('--allow-root');
  const log = fs.openSync(path.join(folder, 'server.log'), 'w');
  const server = spawn(path.join(options.venv, 'bin', 'jupyter'), arguments_, {
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      PATH: `${path.join(options.venv, 'bin')}:${process.env.PATH}`,
      JUPYTER_CONFIG_DIR: path.join(folder, 'config'),
      JUPYTER_DATA_DIR: path.join(folder, 'data'),
      JUPYTER_RUNTIME_DIR: runtime,
      IPYTHONDIR: path.join(folder, 'ipython'),
    },
  });
  const started = Date.now();
  for (;;) {
    const files = fs.existsSync(runtime) ? fs.readdirSync(runtime).filter(f => /^jpserver-\d+\.json$/.test(f)) : [];
    for (const file of files) {
      try {
        const { url, port } = JSON.parse(fs.readFileSync(path.join(runtime, file), 'utf8'));
        if (port) return { server, url: url.replace('localhost', '127.0.0.1'), token };
      } catch {
        // The file is being written; look again.
      }
    }
    if (server.exitCode !== null || Date.now() - started > patience) {
      throw new Error(`JupyterLab did not start:\n${fs.readFileSync(path.join(folder, 'server.log'), 'utf8')}`);
    }
    await new Promise(done => setTimeout(done, 100));
  }
}

// What is evaluated below runs in the page: jupyterapp is JupyterLab, panel the notebook.

async function openNotebook(page, lab, book) {
  await page.goto(`${lab.url}lab/workspaces/test${book.replaceAll(/[^A-Za-z0-9]/g, "")}?reset&token=${lab.token}`);
  await page.waitForFunction(() => window.jupyterapp?.shell, null, { timeout: patience });
  await page.evaluate(async book => {
    const app = window.jupyterapp;
    await app.restored;
    app.shell.collapseLeft();
    const widget = await app.commands.execute('docmanager:open', { path: book, factory: 'Notebook' });
    await widget.context.ready;
    await widget.revealed;
    await widget.sessionContext.ready;
    window.panel = widget;
  }, book);
  await page.waitForSelector('.jp-Notebook .jp-Cell', { timeout: patience });
}

const trusted = page => page.evaluate(() => {
  const cells = window.panel.content.model.cells;
  return [...cells].filter(cell => cell.type === 'code').every(cell => cell.trusted);
});

const runAll = page => page.evaluate(async () => {
  const app = window.jupyterapp;
  app.shell.activateById(window.panel.id);
  await app.commands.execute('notebook:run-all-cells');
  return window.panel.content.model.toJSON();
});

// drawn makes the window as tall as the notebook, since JupyterLab draws only the
// cells near the window, and counts what is there.
async function drawn(page, wanted) {
  let height = 1000;
  for (let i = 0; i < 8; i++) {
    await page.setViewportSize({ width, height: Math.min(height, 30_000) });
    await page.waitForTimeout(500);
    const needed = await page.evaluate(() => {
      const outer = document.querySelector('.jp-NotebookPanel-notebook .jp-WindowedPanel-outer');
      const cells = document.querySelector('.jp-NotebookPanel-notebook .jp-WindowedPanel-viewport');
      outer.scrollTop = 0;
      return Math.ceil(cells.getBoundingClientRect().bottom + 120);
    });
    if (needed <= height && i > 1) break;
    height = Math.max(height, needed);
  }
  const look = () => page.evaluate(() => ({
    tables: document.querySelectorAll('.jp-OutputArea-output .jp-RenderedHTMLCommon table, .jp-OutputArea-output.jp-RenderedHTMLCommon table').length,
    diagrams: [...document.querySelectorAll('.jp-OutputArea-output .vega-embed, .jp-OutputArea-output.vega-embed')]
      .filter(element => element.querySelector('canvas, svg')?.getBoundingClientRect().width > 50).length,
    dialogs: [...document.querySelectorAll('.jp-Dialog')].map(e => e.textContent.slice(0, 300)),
    errors: [...document.querySelectorAll('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]')].map(e => e.textContent.slice(0, 300)),
  }));
  const started = Date.now();
  let seen = await look();
  while ((seen.tables < wanted.tables || seen.diagrams < wanted.diagrams) && Date.now() - started < 20_000) {
    await page.waitForTimeout(300);
    seen = await look();
  }
  return seen;
}

async function photograph(page, name) {
  const size = page.viewportSize();
  for (let top = 0, n = 1; top < size.height; top += tallest, n++) {
    const file = path.join(options.pictures, `${name}${size.height > tallest ? `-${n}` : ''}.png`);
    await page.screenshot({ path: file, clip: { x: 0, y: top, width, height: Math.min(tallest, size.height - top) } });
    console.log(`picture: ${file}`);
  }
}

const books = positionals.length ? positionals : fs.readdirSync(options.notebooks, { recursive: true })
  .filter(file => file.endsWith('.ipynb') && !/(^|\/)(\.ipynb_checkpoints|testdata)\//.test(file)).sort();
check(books.length > 0, `notebooks below ${options.notebooks}`);

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netsplit-lab-'));
fs.mkdirSync(options.pictures, { recursive: true });
fs.cpSync(options.notebooks, path.join(folder, 'notebooks'), { recursive: true });
let lab;
let browser;
try {
  lab = await startLab(folder);
  browser = await chromium.launch({
    executablePath: options.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  for (const book of books) {
    const committed = JSON.parse(fs.readFileSync(path.join(options.notebooks, book), 'utf8'));
    const wanted = count(committed);
    const name = book.replaceAll('/', '-').replace(/\.ipynb$/, '');
    const page = await browser.newPage({ viewport: { width, height: 1000 } });
    page.setDefaultTimeout(patience);
    const faults = [];
    page.on('pageerror', error => faults.push(error.message));
    try {
      await openNotebook(page, lab, book);
      check(!(await trusted(page)), `${book}: the copy is not trusted`);
      let seen = await drawn(page, wanted);
      check(seen.tables === wanted.tables && seen.diagrams === wanted.diagrams, `${book}: not trusted, all tables and diagrams are seen`,
        `seen ${JSON.stringify(seen)}, wanted ${JSON.stringify(wanted)}`);
      await photograph(page, `${name}-untrusted`);

      const after = await runAll(page);
      const [got, want] = [outputsOf(after), outputsOf(committed)];
      const cell = want.findIndex((outputs, i) => JSON.stringify(outputs) !== JSON.stringify(got[i]));
      check(cell < 0, `${book}: Run All gives the committed outputs`,
        `code cell ${cell + 1} differs\n        committed ${JSON.stringify(want[cell])?.slice(0, 600)}\n        now       ${JSON.stringify(got[cell])?.slice(0, 600)}`);
      seen = await drawn(page, wanted);
      check(seen.errors.length === 0 && seen.dialogs.length === 0, `${book}: no error and no dialog after Run All`,
        [...seen.errors, ...seen.dialogs].join('\n'));
      check(seen.tables === wanted.tables && seen.diagrams === wanted.diagrams, `${book}: after Run All, all tables and diagrams are seen`,
        `seen ${JSON.stringify(seen)}, wanted ${JSON.stringify(wanted)}`);
      await photograph(page, name);
      check(faults.length === 0, `${book}: no error in the page's scripts`, faults.join('\n'));
    } catch (error) {
      check(false, `${book}: the browser went through it`, String(error));
      await page.screenshot({ path: path.join(options.pictures, `${name}-failed.png`) }).catch(() => {});
    }
    await page.close();
  }
} catch (error) {
  check(false, 'JupyterLab and Chromium started', String(error));
} finally {
  await browser?.close();
  if (lab) {
    // SIGTERM ends the server and its kernels in good order.
    const gone = new Promise(done => lab.server.on('exit', done));
    lab.server.kill('SIGTERM');
    await Promise.race([gone, new Promise(done => setTimeout(done, 20_000))]);
    lab.server.kill('SIGKILL');
  }
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
