import { type ComponentType, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { EditProps } from './edit-props.js';

/** The control of any node, for the controls that hold others: they are part of it themselves. */
export const ControlOfParts = createContext<ComponentType<EditProps>>(() => null);

/** The control of a part of a list, of an object or of a choice between forms. */
export function PartControl(props: EditProps) {
  const Control = useContext(ControlOfParts);
  return <Control {...props} />;
}
