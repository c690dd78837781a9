# The server as an image: `start` serves the API, `worker` runs a worker. It brings no MongoDB and no Redis.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# no package needs its install script: what is native comes prebuilt
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
# the packed Node that pins the version in a clone is not needed beside the image's own
RUN npm run build \
  && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 ENTITIES_DIR=/app/entities DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY entities ./entities
# a volume mounted here begins with this owner; it keeps the generated encryption key
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
# of the API; a worker answers at WORKER_PORT (3001)
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/cli.js"]
CMD ["start"]
