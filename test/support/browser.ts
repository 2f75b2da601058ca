import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Json } from './json-schema';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of a Chromium on the PATH, or undefined. */
const findBrowser = (): string | undefined =>
  (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** A tab, driven as a person drives it: what is clicked is clicked with the mouse, what is typed goes through the keyboard. */
export interface Tab {
  open(url: string): Promise<void>;
  /** The value of an expression in the page, awaited. */
  evaluate(expression: string): Promise<Json>;
  /** Resolves when the expression is true. */
  until(expression: string): Promise<void>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  press(key: 'Enter' | 'Tab'): Promise<void>;
  /** What went wrong in the page: errors, and whatever its security policy has stopped. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly requests: readonly string[];
}

export interface Browser {
  newTab(): Promise<Tab>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
}

/** Over a pipe, so that there is no port to guess: commands into descriptor 3, messages out of 4, each ended by a zero byte. */
const startBrowser = async (path: string): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), 'oplock-browser-'));
  const child: ChildProcess = spawn(path, [
    '--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`, '--no-first-run', '--disable-gpu', '--disable-dev-shm-usage', '--disable-extensions',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server',
    // Its sandbox does not work for root, as whom CI may run; the pages are our own.
    '--no-sandbox', 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => { child.once('exit', () => resolve()).once('error', () => resolve()); });
  const input = child.stdio[3] as Writable;
  const pending = new Map<number, { resolve: (result: Json) => void; reject: (error: Error) => void }>();
  const listeners = new Set<(message: Message) => void>();
  let last = 0;

  const send = (method: string, params: object = {}, sessionId?: string): Promise<Json> => new Promise((resolve, reject) => {
    last += 1;
    pending.set(last, { resolve, reject });
    input.write(`${JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
  });
  const receive = (message: Message): void => {
    if (message.id === undefined) return listeners.forEach((listener) => listener(message));
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  };
  let rest = '';
  (child.stdio[4] as Readable).setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const one of messages) receive(JSON.parse(one) as Message);
  });
  input.on('error', () => {});
  void exited.then(() => pending.forEach(({ reject }) => reject(new Error('the browser has ended'))));

  const newTab = async (): Promise<Tab> => {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const call = (method: string, params?: object): Promise<Json> => send(method, params, sessionId);
    const [complaints, requests]: [string[], string[]] = [[], []];
    let loaded = (): void => {};
    listeners.add(({ sessionId: of, method, params }) => {
      if (of !== sessionId) return;
      if (method === 'Page.loadEventFired') loaded();
      if (method === 'Network.requestWillBeSent') requests.push(params.request.url);
      if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      if (method === 'Log.entryAdded' && params.entry.source === 'security') complaints.push(params.entry.text);
    });
    await Promise.all(['Page', 'Runtime', 'Network', 'Log'].map((domain) => call(`${domain}.enable`)));
    const evaluate: Tab['evaluate'] = async (expression) => {
      const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
      return result.value;
    };
    return {
      complaints,
      requests,
      evaluate,
      open: async (url) => {
        const done = new Promise<void>((resolve) => { loaded = resolve; });
        await call('Page.navigate', { url });
        await done;
      },
      until: async (expression) => {
        while (!await evaluate(`Boolean(${expression})`)) await new Promise((resolve) => { setTimeout(resolve, 20); });
      },
      click: async (selector) => {
        const { x, y } = await evaluate(`(() => { const element = document.querySelector(${JSON.stringify(selector)}); element.scrollIntoView({ block: 'center' }); const { left, top, width, height } = element.getBoundingClientRect(); return { x: left + width / 2, y: top + height / 2 }; })()`);
        for (const type of ['mousePressed', 'mouseReleased']) await call('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
      },
      type: async (selector, text) => {
        await evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
        await call('Input.insertText', { text });
      },
      press: async (key) => {
        const code = key === 'Enter' ? { windowsVirtualKeyCode: 13, text: '\r' } : { windowsVirtualKeyCode: 9 };
        await call('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, ...code });
        await call('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, ...code });
      },
    };
  };

  return {
    newTab,
    close: async () => {
      await Promise.race([send('Browser.close').catch(() => {}), exited]);
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(timer);
      // Helpers of the browser may write for a moment longer.
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
};

/**
 * `describe` with a headless Chromium. Without one the tests are reported as skipped, with the reason in their name; with
 * OPLOCK_REQUIRE_BROWSER=1 they fail instead.
 */
export const describeBrowser = (name: string, tests: (browser: () => Browser) => void): void => {
  const path = findBrowser();
  if (path !== undefined) {
    describe(`${name} [Chromium]`, () => {
      let browser: Browser | undefined;
      beforeAll(async () => { browser = await startBrowser(path); }, 60_000);
      afterAll(() => browser?.close());
      tests(() => {
        if (!browser) throw new Error('The browser is there inside hooks and tests only.');
        return browser;
      });
    });
    return;
  }
  const reason = `none of ${NAMES.join(', ')} is on the PATH`;
  if (process.env['OPLOCK_REQUIRE_BROWSER'] === '1') {
    describe(`${name} [Chromium]`, () => {
      test('needs a browser', () => { throw new Error(`A browser is required here: ${reason}.`); });
    });
    return;
  }
  describe.skip(`${name} [Chromium: SKIPPED, ${reason}]`, () => tests(() => { throw new Error(reason); }));
};
