FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-update-notifier
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
# The pruned optional packages are the Node.js of a checkout: the image brings its own. Of better-sqlite3 one binary is loaded; its C
# sources and those for other systems only weigh. Node.js never reads TypeScript below node_modules.
RUN npm run -s build \
 && npm prune --omit=dev --omit=optional --ignore-scripts \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
 && find node_modules/better-sqlite3/prebuilds -type f ! -name "linux-$(node -p process.arch).node" -delete \
 && find node_modules -type f \( -name '*.ts' -o -name '*.cts' -o -name '*.mts' \) -delete
# .dockerignore says which files of config are needed. A checkout made with a strict umask must be readable for the program's user, too.
COPY bin ./bin
COPY config ./config
COPY migrations ./migrations
RUN chmod -R a+rX package.json bin config migrations \
 && chmod a+x bin/buzon.js

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/migrations ./migrations
COPY --from=build /app/config ./config
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
RUN ln -s /app/bin/buzon.js /usr/local/bin/buzon \
 && install -d -o 1000 -g 1000 -m 700 /data

# All that is written lies in /data; everything else may be mounted read-only. A small young generation costs no time that could be
# measured and keeps the memory of a backlog down; so does a bound on the old one, as garbage is collected the earlier the lower it is.
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=1 --max-old-space-size=512" \
    BUZON_DATA=/data \
    BUZON_MAILBOX=maildir:/data/mailbox \
    BUZON_TRANSPORT=file:/data/outbox \
    BUZON_HTTP=0.0.0.0:8025
USER 1000:1000
VOLUME ["/data"]
EXPOSE 8025
# On Linux the address that is listened on can be called as it stands, 0.0.0.0 and [::] too; when it is empty there is nothing to ask.
# The check ends by itself: not every engine ends one that hangs.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["node", "-e", "const at = process.env.BUZON_HTTP; if (at) fetch(`http://${at}/healthz`, { signal: AbortSignal.timeout(4000) }).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["buzon"]
CMD ["start"]
