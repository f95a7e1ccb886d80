/** A file inside a zip: its bytes lie in the zip as they are. */
export interface ZipEntry {
  /** With `/` between folders; one that ends in `/` is a folder. */
  readonly name: string;
  /** Offset in the zip of the first byte of its contents. */
  readonly offset: number;
  readonly bytes: number;
}
