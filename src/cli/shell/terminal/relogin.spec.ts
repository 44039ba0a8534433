import { expect, it } from 'vitest';
import { type DispatcherClient, Errno, type Login } from '../../../client/index.js';
import { RpcException } from '../../../common/portable.js';
import { logInAnew } from './relogin.js';

const refusal = (): RpcException => new RpcException(Errno.EACCES, 'Invalid\x1b[2J credentials');

/** Passwords that somebody types, one after the other, for a server that takes one of them. */
function typing(passwords: readonly string[], right: string, other: Error | null = null) {
  const logins: Login[] = [];
  const questions: string[] = [];
  const told: string[] = [];
  const left = [...passwords];
  const client = {
    login: (login: Login) => {
      logins.push(login);
      if (other !== null) return Promise.reject(other);
      const isRight = login.kind === 'password' && login.password === right;
      return isRight ? Promise.resolve() : Promise.reject(refusal());
    },
  } as unknown as DispatcherClient;
  const ask = (question: string): Promise<string> => {
    questions.push(question);
    const next = left.shift();
    return next === undefined
      ? Promise.reject(new Error('asked too often'))
      : Promise.resolve(next);
  };
  const done = logInAnew(client, { user: 'ri\x07ta', ask, tell: (line) => told.push(line) });
  return { done, logins, questions, told };
}

it('asks for the password until it is right, and says why it was not', async () => {
  const { done, logins, questions, told } = typing(['no', 'yes'], 'yes');
  await done;
  expect(questions).toEqual(['Password of ri\\x07ta: ', 'Password of ri\\x07ta: ']);
  expect(told).toEqual(['Invalid\\x1b[2J credentials']);
  expect(logins.at(-1)).toEqual({
    kind: 'password',
    username: 'ri\x07ta',
    password: 'yes',
    resource: 'dispatcher-cli',
  });
});

it('gives up after three, and what is no refusal goes through at once', async () => {
  const { done, questions } = typing(['a', 'b', 'c', 'd'], 'yes');
  await expect(done).rejects.toMatchObject({ code: Errno.EACCES });
  expect(questions).toHaveLength(3);
  const lost = new RpcException(Errno.ECONNABORTED, 'gone');
  const other = typing(['a', 'b'], 'yes', lost);
  await expect(other.done).rejects.toBe(lost);
  expect(other.questions).toHaveLength(1);
});
