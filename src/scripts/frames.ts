// Lines on the pipe between this process and a script host: `<tag> <number> <json>`, one frame each.

export interface Frame<Tag extends string> {
  readonly tag: Tag;
  readonly id: number;
  /** JSON text; empty for frames without a body. */
  readonly body: string;
}

/** Text of a frame. `body` must be JSON, which never holds a raw line break. */
export function frameText(tag: string, id: number, body = ''): string {
  return `${tag} ${id} ${body}\n`;
}

/** Cuts the chunks of a text stream into frames; a frame may span many chunks. */
export function frameReader<Tag extends string>(onFrame: (frame: Frame<Tag>) => void): (chunk: string) => void {
  let parts: string[] = [];
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
      const tail = chunk.slice(from, end);
      onFrame(parse<Tag>(parts.length === 0 ? tail : parts.join('') + tail));
      parts = [];
      from = end + 1;
    }
    if (from < chunk.length) parts.push(from === 0 ? chunk : chunk.slice(from));
  };
}

function parse<Tag extends string>(line: string): Frame<Tag> {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  return { tag: line.slice(0, first) as Tag, id: Number(line.slice(first + 1, second)), body: line.slice(second + 1) };
}
