import library from '../../../package.json' with { type: 'json' }

/** The package's version, put in when the app is bundled. */
export const version: string = library.version
