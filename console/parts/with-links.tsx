import { linkTo } from '../state/router.js';

const REFERENCE = /(\(reference )([0-9a-z]{6,32})(\))/i;

/** A sentence of the server's: the reference in it leads to what happened. */
export function WithLinks({ text }: { readonly text: string }) {
  const [whole, before = '', reference, after = ''] = REFERENCE.exec(text) ?? [];
  if (whole === undefined || reference === undefined) return <>{text}</>;
  const at = text.indexOf(whole);
  return (
    <>
      {text.slice(0, at)}
      {before}
      <a href={linkTo('cause', reference)}>{reference}</a>
      {after}
      {text.slice(at + whole.length)}
    </>
  );
}
