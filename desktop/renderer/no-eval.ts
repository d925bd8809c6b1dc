/** First of all imports: zod would otherwise try to compile its parsers, which the content security policy refuses. */
import * as z from 'zod';

z.config({ jitless: true });
