import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../sdk/index.js';
import { TemplateEngine } from './template-engine.js';

const LIMITS = { includeDepth: 8, renderMs: 1_000, fileBytes: 65_536 };

function engine(templates: Readonly<Record<string, string>>): TemplateEngine {
  return new TemplateEngine(templates, LIMITS);
}

async function render(text: string, data: Record<string, unknown> = {}): Promise<string> {
  return engine({ 'a.liquid': text }).render('a.liquid', data, async () =>
    Promise.resolve('opened'),
  );
}

async function fault(text: string, data: Record<string, unknown> = {}) {
  const one = engine({ 'a.liquid': text });
  const error: unknown = await one
    .render('a.liquid', data, () => Promise.resolve('opened'))
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  return one.describe(error);
}

describe('a template', () => {
  it('prints values', async () => {
    expect(await render('x={{ v }} {{ w.z }}\n', { v: 1, w: { z: 'ü' } })).toBe('x=1 ü\n');
  });

  it('tells where it is wrong', async () => {
    expect(await fault('a\nb\n{{ c.d }}\n', { c: {} })).toEqual({
      message: 'undefined variable: c.d',
      template: 'a.liquid',
      line: 3,
      column: 4,
    });
  });

  it('has a place for an error of syntax', async () => {
    expect(await fault('a\n{% if x %}\n')).toMatchObject({ template: 'a.liquid', line: 2 });
    expect(await fault('{{ 1 | nope }}')).toMatchObject({ line: 1 });
  });

  it.each([
    ['{{ s.a }}', 'value of `s.a` contains a line break'],
    ['{% echo s.a %}', 'value of `s.a` contains a line break'],
    ['{% cycle s.a, 1 %}', 'contains a line break'],
    [
      '{% capture x %}{{ s.a | lines }}{% endcapture %}{{ x }}',
      'value of `x` contains a line break',
    ],
    ['{{ s.a | append: "x" }}', 'value of `s.a` contains a line break'],
    ['{% liquid echo s.a %}', 'contains a line break'],
    ['{{ l }}', 'value of `l` contains a line break'],
  ])('does not let %s break its line', async (text, message) => {
    const { message: told } = await fault(text, { s: { a: 'a\nserver evil' }, l: ['a', '\rb'] });
    expect(told).toContain(message);
  });

  it('never prints another line than the template has, whatever the value is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (v) => {
        const text = await render('[{{ v }}]', { v }).catch(() => null);
        if (text !== null) expect(text.split(/\s*\n|\r|\u0085|\u2028|\u2029/)).toHaveLength(1);
        // eslint-disable-next-line no-control-regex -- what is refused is what is meant
        else expect(v).toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });

  it.each([
    ['{{ v | lines }}', 'a\nb'],
    ['{{ v | json }}', '"a\\nb"'],
    ['{{ v | quote_sh }}', "'a\nb'"],
    ['{{ v | quote_ini }}', '"a\\nb"'],
    ['{{ v | raw }}', 'a\nb'],
    ['{{ v | comment: ";" }}', '; a\n; b'],
  ])('prints a line break where %s says so', async (text, expected) => {
    expect(await render(text, { v: 'a\nb' })).toBe(expected);
  });

  it('says yes and no', async () => {
    expect(
      await render('{{ a | yesno }} {{ b | yesno: "on", "off" }}', { a: true, b: false }),
    ).toBe('yes off');
  });

  it('keeps a password closed until it is revealed', async () => {
    const data = { p: new Secret(1), row: { p: new Secret(1) } };
    expect((await fault('{{ p }}', data)).message).toContain('open it with the filter reveal');
    expect((await fault('{{ p | append: "x" }}', data)).message).toContain('A password is closed');
    expect((await fault('{{ row | json }}', data)).message).toContain('A password is closed');
    expect(await render('{{ row.p | reveal }}', data)).toBe('opened');
  });

  it.each([
    '{{ v.constructor.constructor }}',
    '{{ v.__proto__ }}',
    "{% render '../../../etc/passwd' %}",
    "{% render '/etc/passwd' %}",
    "{% include 'constructor' %}",
    "{{ 'now' | date: '%s' }}",
    '{{ list | sample }}',
  ])('does not reach out by %s', async (text) => {
    expect((await fault(text, { v: {}, list: [1] })).message).toBeTruthy();
  });

  it('includes partials of its directory, but not without end', async () => {
    const both = engine({ 'a.liquid': "{% render '_p', x: 1 %}", _p: 'p{{ x }}' });
    expect(await both.render('a.liquid', {}, () => Promise.reject(new Error()))).toBe('p1');
    const circle = engine({ 'a.liquid': "{% render 'a.liquid' %}" });
    const error: unknown = await circle
      .render('a.liquid', {}, () => Promise.reject(new Error()))
      .catch((caught: unknown) => caught);
    expect(circle.describe(error).message).toContain('more than 8 times deep');
  });

  it('is kept as it was parsed for a while, and not for as long as there is the directory', () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `${n}.liquid`);
    const many = engine(Object.fromEntries(names.map((name) => [name, `of ${name}`])));
    const first = many.parse('0.liquid');
    expect(many.parse('0.liquid')).toBe(first);
    for (const name of names) many.parse(name);
    expect(many.parse('0.liquid')).not.toBe(first);
    expect(many.parse('999.liquid')).toBe(many.parse('999.liquid'));
  });

  it('stops a loop that takes too long', async () => {
    const { message } = await fault('{% for i in (1..100000000) %}{{ i }}{% endfor %}');
    expect(message).toMatch(/limit exceeded/);
  });
});
