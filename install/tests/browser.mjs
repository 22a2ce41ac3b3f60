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

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { check, launch, openNotebook, patience, score, startLab, stopLab, width } from './jupyterlab.mjs';

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
const tallest = 6000; // of one picture, in pixels

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
  lab = await startLab(folder, options.venv);
  browser = await launch(options.modules, options.chromium);
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
  if (lab) await stopLab(lab);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${score.passed} passed, ${score.failed} failed`);
process.exit(score.failed ? 1 : 0);
