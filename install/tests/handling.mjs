// Goes through what a learner does with a notebook in a real JupyterLab in headless
// Chromium: completion with Tab, the tooltip with Shift+Tab, a prompt for input,
// a progress bar, an error, the buttons to interrupt, restart, restart and run all,
// a worker that dies, a subshell while a cell runs.
//
//   node handling.mjs --venv DIR --modules DIR --pictures DIR [--chromium FILE]
//
// Each thing is photographed into the folder of pictures.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { check, launch, openNotebook, patience, score, startLab, stopLab, width } from './jupyterlab.mjs';

const { values: options } = parseArgs({
  options: {
    venv: { type: 'string' },
    modules: { type: 'string' },
    pictures: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});

const sources = {
  names: 'import ("fmt"; "strings"; "time"; "os")\n\n// Greeting is what is said to somebody.\nfunc Greeting(name string) string { return "Hello, " + name }\n\nkept := 41',
  complete: 'strings.ToUp',
  tooltip: 'Greeting',
  ask: 'var name string\nfmt.Print("Your name: ")\nfmt.Scanln(&name)\nGreeting(name)',
  progress: 'for i := range 5 {\n\tfmt.Printf("\\rstep %d of 5", i+1)\n\ttime.Sleep(50 * time.Millisecond)\n}\nfmt.Println()',
  error: 'func third(list []int) int {\n\treturn list[3]\n}\nthird([]int{1, 2, 3})',
  wrong: 'total := 0\ntotal = "many"',
  loop: 'for i := 0; ; i++ {\n\tkept = 42\n}',
  after: 'kept',
  exit: 'os.Exit(3)',
};
const order = Object.keys(sources);

function notebook() {
  return {
    nbformat: 4, nbformat_minor: 5,
    metadata: { kernelspec: { name: 'netsplit', display_name: 'Go (Netsplit)', language: 'go' } },
    cells: order.map(id => ({ cell_type: 'code', id, metadata: {}, source: sources[id], outputs: [], execution_count: null })),
  };
}

// What is evaluated in the page uses window.panel, the notebook.

async function select(page, name, where = 'end') {
  await page.evaluate(async ([index, where]) => {
    const content = window.panel.content;
    content.activeCellIndex = index;
    await content.scrollToItem(index, 'center');
    content.mode = 'edit';
    const editor = content.activeCell.editor;
    editor.focus();
    editor.setCursorPosition(editor.getPositionAt(where === 'end' ? content.activeCell.model.sharedModel.source.length : where));
  }, [order.indexOf(name), where]);
}

// start runs a cell as Ctrl+Enter does, and does not wait for it.
async function start(page, name) {
  await select(page, name);
  await page.keyboard.press('Control+Enter');
}

const outputs = (page, name) => page.evaluate(index => {
  const model = window.panel.content.widgets[index].model;
  return { count: model.executionCount, state: model.executionState, outputs: model.outputs.toJSON() };
}, order.indexOf(name));

// finished waits until a cell is not running any more.
async function finished(page, name) {
  await page.waitForFunction(index => {
    const model = window.panel.content.widgets[index].model;
    return model.executionCount !== null && window.panel.sessionContext.session.kernel.status === 'idle';
  }, order.indexOf(name), { timeout: patience });
  return (await outputs(page, name)).outputs;
}

async function run(page, name) {
  await page.evaluate(index => { window.panel.content.widgets[index].model.executionCount = null; }, order.indexOf(name));
  await start(page, name);
  return finished(page, name);
}

// press clicks a button of the notebook's toolbar.
const press = (page, name) => page.locator(`.jp-NotebookPanel-toolbar [data-jp-item-name="${name}"] jp-button, .jp-NotebookPanel-toolbar [data-jp-item-name="${name}"] button`).first().click();

// seen is the text of a cell's outputs on the screen.
const seen = (page, name) => page.evaluate(index => window.panel.content.widgets[index].outputArea.node.innerText, order.indexOf(name));

async function picture(page, name) {
  const file = path.join(options.pictures, `handling-${name}.png`);
  await page.screenshot({ path: file });
  console.log(`picture: ${file}`);
}

const steps = {
  async 'completion with Tab'(page) {
    await run(page, 'names');
    await select(page, 'complete');
    await page.keyboard.press('Tab');
    await page.waitForSelector('.jp-Completer:not(.lm-mod-hidden) .jp-Completer-item');
    const items = await page.locator('.jp-Completer-item .jp-Completer-match').allTextContents();
    check(items.includes('ToUpper') && items.includes('ToUpperSpecial') && items.every(item => item.startsWith('ToUp')), 'the completer offers the functions of the package', items.join(' '));
    await page.waitForTimeout(700); // the documentation of the first one comes
    await picture(page, 'completion');
    await page.keyboard.press('Enter');
    const text = await page.evaluate(() => window.panel.content.activeCell.model.sharedModel.source);
    check(text === 'strings.ToUpper', 'Enter takes the first completion', text);
  },

  async 'tooltip with Shift+Tab'(page) {
    await select(page, 'tooltip');
    await page.keyboard.press('Shift+Tab');
    await page.waitForSelector('.jp-Tooltip');
    const text = await page.locator('.jp-Tooltip').innerText();
    check(text.includes('func Greeting(name string) string') && text.includes('what is said to somebody'), 'the tooltip tells signature and comment', text);
    await picture(page, 'tooltip');
    await page.keyboard.press('Escape');
  },

  async 'a prompt'(page) {
    await start(page, 'ask');
    await page.waitForSelector('.jp-Stdin-input');
    await picture(page, 'prompt');
    await page.locator('.jp-Stdin-input').fill('Ada');
    await page.locator('.jp-Stdin-input').press('Enter');
    await finished(page, 'ask');
    const text = await seen(page, 'ask');
    check(text.includes('Your name:') && text.includes('Hello, Ada'), 'what was typed is read', text);
    await picture(page, 'answered');
  },

  async 'a progress line'(page) {
    await run(page, 'progress');
    const text = (await seen(page, 'progress')).trim();
    check(text === 'step 5 of 5', 'only the last state of the line is there', JSON.stringify(text));
  },

  async 'errors'(page) {
    await run(page, 'error');
    await run(page, 'wrong');
    const [panic, compile] = [await seen(page, 'error'), await seen(page, 'wrong')];
    check(panic.includes('index out of range [3] with length 3') && panic.includes('line 2'), 'a panic is told with its line', panic);
    check(compile.includes('CompileError') && compile.includes('2:9'), 'a compile error is told with its place', compile);
    await picture(page, 'errors');
  },

  async 'the interrupt button'(page) {
    await start(page, 'loop');
    await page.waitForFunction(() => window.panel.sessionContext.session.kernel.status === 'busy');
    await page.waitForTimeout(300);
    await press(page, 'interrupt');
    const after = await finished(page, 'loop');
    check(after.length === 1 && after[0].ename === 'Interrupted', 'the cell ends as interrupted', JSON.stringify(after));
    const kept = await run(page, 'after');
    check(kept[0]?.data?.['text/plain'] === '42', 'variables are kept', JSON.stringify(kept));
    await picture(page, 'interrupted');
  },

  async 'a worker that ends'(page) {
    const ended = await run(page, 'exit');
    check(ended[0]?.ename === 'Exit', 'os.Exit is an error of the cell', JSON.stringify(ended));
    check(await page.locator('.jp-Dialog').count() === 0, 'JupyterLab does not speak of a dead kernel');
  },

  async 'a subshell while a cell runs'(page) {
    await page.evaluate(index => { window.panel.content.widgets[index].model.executionCount = null; }, order.indexOf('loop'));
    await start(page, 'loop');
    await page.waitForFunction(() => window.panel.sessionContext.session.kernel.status === 'busy');
    const answer = await page.evaluate(async () => {
      const kernel = window.panel.sessionContext.session.kernel;
      if (!kernel.supportsSubshells) return 'JupyterLab finds no support for subshells';
      const id = (await kernel.requestCreateSubshell({}).done).content.subshell_id;
      const clone = kernel.clone();
      clone.subshellId = id;
      let text = '';
      const future = clone.requestExecute({ code: 'fmt.Println("beside it")' });
      future.onIOPub = message => { text += message.content.text ?? ''; };
      const reply = await future.done;
      const listed = (await kernel.requestListSubshell({}).done).content.subshell_id;
      await kernel.requestDeleteSubshell({ subshell_id: id }).done;
      clone.dispose();
      return `${reply.content.status} ${text.trim()} ${listed.includes(id)}`;
    });
    check(answer === 'ok beside it true', 'a subshell answers beside the loop', answer);
    await page.evaluate(() => window.jupyterapp.commands.execute('notebook:create-subshell-console'));
    await page.waitForSelector('.jp-CodeConsole-promptCell .cm-content');
    await page.waitForFunction(() => document.querySelector('.jp-CodeConsole-banner, .jp-CodeConsole-content .jp-Cell'));
    await page.locator('.jp-CodeConsole-promptCell .cm-content').click();
    await page.keyboard.type('6 * 7');
    await page.keyboard.press('Shift+Enter');
    await page.waitForFunction(() => [...document.querySelectorAll('.jp-CodeConsole-content .jp-OutputArea-output')].some(e => e.innerText.trim() === '42'));
    check(true, 'a console in a subshell answers beside the loop');
    await picture(page, 'subshell');
    await page.evaluate(() => { window.jupyterapp.shell.activateById(window.panel.id); });
    await press(page, 'interrupt');
    const after = await finished(page, 'loop');
    check(after[0]?.ename === 'Interrupted', 'the loop can be interrupted as before', JSON.stringify(after));
  },

  async 'the restart button'(page) {
    await press(page, 'restart');
    await page.locator('.jp-Dialog .jp-mod-accept').click();
    await page.waitForFunction(() => !document.querySelector('.jp-Dialog') && window.panel.sessionContext.session.kernel.status === 'idle');
    const answer = await run(page, 'after');
    check(answer[0]?.ename === 'CompileError' && answer[0].evalue.includes('undefined: kept'), 'nothing is declared any more', JSON.stringify(answer));
    check((await outputs(page, 'after')).count === 1, 'cells are counted from 1 again');
  },

  async 'restart and run all'(page) {
    await page.evaluate(wanted => {
      const cells = window.panel.content.model.sharedModel;
      for (let i = cells.cells.length - 1; i >= 0; i--) if (!wanted[i]) cells.deleteCell(i);
    }, order.map(name => ['names', 'progress', 'after'].includes(name)));
    await press(page, 'restart-and-run');
    await page.locator('.jp-Dialog .jp-mod-accept').click();
    await page.waitForFunction(() => {
      const cells = window.panel.content.widgets.map(widget => widget.model);
      return cells.map(cell => cell.executionCount).join() === '1,2,3' && window.panel.sessionContext.session.kernel.status === 'idle';
    });
    const last = await page.evaluate(() => window.panel.content.widgets.at(-1).outputArea.node.innerText.trim());
    check(/(^|\n)41$/.test(last), 'all cells have run in order', last);
    await picture(page, 'restarted');
  },
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'netsplit-lab-'));
fs.mkdirSync(options.pictures, { recursive: true });
fs.mkdirSync(path.join(folder, 'notebooks'));
fs.writeFileSync(path.join(folder, 'notebooks', 'handling.ipynb'), JSON.stringify(notebook()));
let lab;
let browser;
try {
  lab = await startLab(folder, options.venv);
  browser = await launch(options.modules, options.chromium);
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  page.setDefaultTimeout(60_000);
  const faults = [];
  page.on('pageerror', error => faults.push(error.message));
  await openNotebook(page, lab, 'handling.ipynb');
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step(page);
    } catch (error) {
      check(false, name, String(error));
      await picture(page, 'failed');
      break; // what follows would fail for the same reason
    }
  }
  check(faults.length === 0, "no error in the page's scripts", faults.join('\n'));
} catch (error) {
  check(false, 'JupyterLab and Chromium started', String(error));
} finally {
  await browser?.close();
  if (lab) await stopLab(lab);
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
console.log(`${score.passed} passed, ${score.failed} failed`);
process.exit(score.failed ? 1 : 0);
