// Handles the gallery in a real JupyterLab in headless Chromium, and photographs it in
// the light and in the dark theme, trusted and not, and as nbconvert's HTML.
//
//   node gallery.mjs --venv DIR --modules DIR --notebooks DIR --pictures DIR [--chromium FILE]
//
// In a notebook that is not trusted: the film steps forwards and backwards and plays, a
// diagram is zoomed and moved. After Run All: a slider is dragged and a choice is
// changed, and table and chart below them change; a progress bar has ended. In the
// HTML: every table and every picture.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { check, launch, openNotebook, score, startLab, stopLab, width } from './jupyterlab.mjs';

const { values: options } = parseArgs({
  options: {
    venv: { type: 'string' },
    modules: { type: 'string' },
    notebooks: { type: 'string' },
    pictures: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const book = 'gallery.ipynb';
const tallest = 6000; // of one picture, in pixels

const theme = (page, name) => page.evaluate(async name => {
  await window.jupyterapp.commands.execute('apputils:change-theme', { theme: name });
}, name);

// unfold makes the window as tall as the notebook: JupyterLab draws only what is near it.
async function unfold(page) {
  let height = 1000;
  for (let i = 0; i < 8; i++) {
    await page.setViewportSize({ width, height: Math.min(height, 30_000) });
    await page.waitForTimeout(700);
    const needed = await page.evaluate(() => {
      document.querySelector('.jp-NotebookPanel-notebook .jp-WindowedPanel-outer').scrollTop = 0;
      return Math.ceil(document.querySelector('.jp-NotebookPanel-notebook .jp-WindowedPanel-viewport').getBoundingClientRect().bottom + 120);
    });
    if (needed <= height && i > 1) break;
    height = Math.max(height, needed);
  }
  await page.waitForTimeout(500);
}

async function runAll(page) {
  await page.evaluate(async () => {
    window.jupyterapp.shell.activateById(window.panel.id);
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
  });
  await unfold(page);
}

async function photograph(page, name) {
  const { height } = page.viewportSize();
  for (let top = 0, n = 1; top < height; top += tallest, n++) {
    const file = path.join(options.pictures, `gallery-${name}-${n}.png`);
    await page.screenshot({ path: file, clip: { x: 0, y: top, width, height: Math.min(tallest, height - top) } });
    console.log(`picture: ${file}`);
  }
}

// pixels are what is drawn, for comparing. JupyterLab may put a new output in the place
// of the one that is being photographed: then the new one counts.
async function pixels(locator) {
  for (let tries = 1; ; tries++) {
    try {
      return (await locator.screenshot()).toString('base64');
    } catch (error) {
      if (tries === 10 || !/not attached/.test(error.message)) throw error;
      await new Promise(done => setTimeout(done, 300));
    }
  }
}

async function until(what, holds) {
  const started = Date.now();
  while (Date.now() - started < 30_000) {
    if (await holds()) return check(true, what);
    await new Promise(done => setTimeout(done, 200));
  }
  check(false, what);
}

async function film(page, trust) {
  const output = page.locator('.jp-OutputArea-output', { hasText: 'moments per second' }).first();
  const canvas = output.locator('canvas').first();
  const slider = output.locator('input[type=range]').first();
  await canvas.scrollIntoViewIfNeeded();
  const { x, y } = await canvas.boundingBox();
  const press = async n => {
    await page.mouse.click(x + 26 + 28 * n, y + 26 + 21);
    await page.waitForTimeout(300);
  };
  const at = async () => Number(await slider.inputValue());
  for (let i = 0; i < 4; i++) await press(3);
  check(await at() === 4, `${trust}: the film is four moments further`, `it is at ${await at()}`);
  const there = await pixels(canvas);
  await press(1);
  check(await at() === 3, `${trust}: the film is one moment back`, `it is at ${await at()}`);
  check(await pixels(canvas) !== there, `${trust}: the film shows another moment`);
  await press(2);
  await until(`${trust}: the film plays`, async () => await at() > 4);
  await press(2);
  await press(0);
  check(await at() === 0, `${trust}: the film is at its beginning`, `it is at ${await at()}`);
}

async function diagram(page, trust) {
  const canvas = page.locator('.jp-OutputArea-output canvas').nth(await page.evaluate(() =>
    [...document.querySelectorAll('.jp-OutputArea-output canvas')].findIndex(c => c.getBoundingClientRect().height > 700)));
  await canvas.scrollIntoViewIfNeeded();
  const { x, y } = await canvas.boundingBox();
  const before = await pixels(canvas);
  await page.mouse.move(x + 250, y + 250);
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, -600);
  await page.keyboard.up('Shift');
  await until(`${trust}: the wheel zooms the diagram`, async () => await pixels(canvas) !== before);
  const zoomed = await pixels(canvas);
  await page.mouse.down();
  await page.mouse.move(x + 250, y + 120, { steps: 6 });
  await page.mouse.up();
  await until(`${trust}: dragging moves the diagram`, async () => await pixels(canvas) !== zoomed);
}

async function controls(page) {
  const handle = page.locator('.noUi-handle').first();
  await handle.waitFor();
  await handle.scrollIntoViewIfNeeded();
  const cell = page.locator('.jp-CodeCell', { has: page.locator('.noUi-handle') }).first();
  const table = cell.locator('.jp-RenderedHTMLCommon table').last();
  const chart = cell.locator('canvas').last();
  const [text, drawn] = [await table.textContent(), await pixels(chart)];
  const second = cell.locator('.noUi-handle').nth(1); // of "loss %"
  const box = await second.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 70, box.y + box.height / 2, { steps: 12 });
  await page.mouse.up();
  await until('dragging the slider changes the table', async () => await table.textContent() !== text);
  await until('dragging the slider changes the chart', async () => await pixels(chart) !== drawn);
  const moved = await table.textContent();
  await cell.getByRole('button', { name: 'slow' }).click();
  await until('choosing changes the table', async () => (await table.textContent()).includes('slow'));
  check(await table.textContent() !== moved, 'choosing runs the experiment again');
  // While a cell runs, the front end talks to the control in a subshell.
  await page.evaluate(() => {
    window.busy = true;
    const future = window.panel.sessionContext.session.kernel.requestExecute({ code: 'time.Sleep(20 * time.Second)', store_history: false });
    window.waiting = future.done.finally(() => { window.busy = false; });
  });
  await page.waitForTimeout(500);
  await cell.getByRole('button', { name: 'fast' }).click();
  await until('choosing changes the table while a cell runs', async () => (await table.textContent()).includes('fast'));
  check(await page.evaluate(() => window.busy), 'the cell runs on meanwhile');
  await page.evaluate(async () => {
    await window.panel.sessionContext.session.kernel.interrupt();
    await window.waiting.catch(() => {});
  });
  await page.waitForTimeout(1000);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netsplit-gallery-'));
fs.mkdirSync(options.pictures, { recursive: true });
fs.mkdirSync(path.join(folder, 'notebooks'));
fs.copyFileSync(path.join(options.notebooks, book), path.join(folder, 'notebooks', book));
let lab;
let browser;
try {
  lab = await startLab(folder, options.venv);
  browser = await launch(options.modules, options.chromium);
  const page = await browser.newPage({ viewport: { width, height: 1000 } });
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on('pageerror', error => faults.push(error.message));
  await openNotebook(page, lab, book);
  await theme(page, 'JupyterLab Light');
  await unfold(page);
  await photograph(page, 'untrusted-light');
  await film(page, 'not trusted');
  await diagram(page, 'not trusted');
  await runAll(page);
  await controls(page);
  await film(page, 'after Run All');
  await photograph(page, 'light');
  await theme(page, 'JupyterLab Dark');
  await runAll(page); // a chart takes the theme that is there when it is drawn
  await photograph(page, 'dark');
  check(faults.length === 0, "no error in the page's scripts", faults.join('\n'));
  await page.close();
  const second = await browser.newPage({ viewport: { width, height: 1000 } });
  fs.copyFileSync(path.join(options.notebooks, book), path.join(folder, 'notebooks', book));
  await openNotebook(second, lab, book);
  await theme(second, 'JupyterLab Dark');
  await second.reload();
  await openNotebook(second, lab, book);
  await unfold(second);
  await photograph(second, 'untrusted-dark');
  await second.close();

  execFileSync(path.join(options.venv, 'bin', 'jupyter'), ['nbconvert', '--to', 'html', '--output-dir', folder, path.join(folder, 'notebooks', book)], { stdio: 'ignore' });
  const still = await browser.newPage({ viewport: { width, height: 1000 } });
  await still.route(/^https?:/, route => route.abort()); // what it would load is for mathematics and widgets
  await still.goto(`file://${path.join(folder, 'gallery.html')}`, { waitUntil: 'load' });
  const notebook = JSON.parse(fs.readFileSync(path.join(options.notebooks, book), 'utf8'));
  const outputs = notebook.cells.flatMap(cell => cell.outputs ?? []);
  const wanted = {
    images: outputs.filter(o => o.data?.['image/png']).length,
    tables: outputs.filter(o => [o.data?.['text/html'] ?? ''].flat().join('').includes('<table')).length,
  };
  const seen = await still.evaluate(() => ({
    images: [...document.querySelectorAll('img')].filter(i => i.src.startsWith('data:image/png') && i.naturalWidth > 50).length,
    tables: document.querySelectorAll('.jp-OutputArea-output table').length,
  }));
  check(JSON.stringify(seen) === JSON.stringify(wanted), 'the HTML of nbconvert holds every table and picture', `seen ${JSON.stringify(seen)}, wanted ${JSON.stringify(wanted)}`);
  await still.setViewportSize({ width, height: Math.min(30_000, await still.evaluate(() => document.documentElement.scrollHeight)) });
  await photograph(still, 'nbconvert');
} catch (error) {
  check(false, 'the browser went through the gallery', String(error.stack ?? error));
} finally {
  await browser?.close();
  if (lab) await stopLab(lab);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${score.passed} passed, ${score.failed} failed`);
process.exit(score.failed ? 1 : 0);
