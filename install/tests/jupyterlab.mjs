// What the tests in JupyterLab share: the count of checks, a server, the browser, an
// open notebook.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const width = 1280;
export const patience = 180_000; // for anything that is waited for, in milliseconds

export const score = { passed: 0, failed: 0 };
export function check(holds, what, detail = '') {
  if (holds) {
    score.passed++;
    return;
  }
  score.failed++;
  console.log(`FAILED: ${what}${detail && `\n        ${detail}`}`);
}

// launch starts a headless Chromium; modules is the folder with playwright-core.
export function launch(modules, executablePath) {
  const { chromium } = createRequire(path.resolve(modules, 'x.js'))('playwright-core');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// startLab starts a server on folder/notebooks with settings and data of its own.
export async function startLab(folder, venv) {
  const runtime = path.join(folder, 'runtime');
  const token = 'netsplit-test';
  const arguments_ = [
    'lab', '--no-browser', '--ServerApp.ip=127.0.0.1', '--ServerApp.port=0', '--ServerApp.port_retries=0',
    `--ServerApp.root_dir=${path.join(folder, 'notebooks')}`, `--IdentityProvider.token=${token}`,
    '--LabApp.expose_app_in_browser=True', '--ServerApp.open_browser=False',
  ];
  if (process.getuid() === 0) arguments_.push('--allow-root');
  const log = fs.openSync(path.join(folder, 'server.log'), 'w');
  const server = spawn(path.join(venv, 'bin', 'jupyter'), arguments_, {
    stdio: ['ignore', log, log],
    env: {
      ...process.env,
      PATH: `${path.join(venv, 'bin')}:${process.env.PATH}`,
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

export async function openNotebook(page, lab, book) {
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

// stopLab ends a server and its kernels in good order.
export async function stopLab(lab) {
  const gone = new Promise(done => lab.server.on('exit', done));
  lab.server.kill('SIGTERM');
  await Promise.race([gone, new Promise(done => setTimeout(done, 20_000))]);
  lab.server.kill('SIGKILL');
}
