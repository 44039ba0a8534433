/**
 * A value whose JSON text is known already: it is sent as it stands, without being parsed, checked
 * and made text again. For answers of megabytes that consist of what was sent before.
 */
export class JsonText {
  constructor(readonly text: string) {}

  toJSON(): unknown {
    return JSON.parse(this.text) as unknown;
  }
}
