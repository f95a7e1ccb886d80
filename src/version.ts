/** The version of this package: what package.json says, in a form that needs no file system. */
export const version = "0.1.0";
