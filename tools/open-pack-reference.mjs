// Writes what the libraries of the open pack themselves answer, for tests/FaceCloud.Inference.Tests/OpenPackTests.cs to compare with.
// Usage: node tools/open-pack-reference.mjs > tests/FaceCloud.Inference.Tests/open-pack-reference.json
// It needs the packages: npm install --prefix <folder> --ignore-scripts @vladmandic/face-api@1.7.15 @vladmandic/human@3.3.6
// and their folder in the environment: OPEN_PACK_MODULES=<folder>/node_modules.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.env.OPEN_PACK_MODULES;
if (!modules) {
  console.error('OPEN_PACK_MODULES names no folder; see the first lines of this file.');
  process.exit(1);
}

// The bundle with TensorFlow.js inside is made for browsers: it has to believe that this is one. No other package is needed then.
globalThis.window = globalThis;
globalThis.document = { createElement: () => ({ getContext: () => null }) };
for (const type of ['HTMLImageElement', 'HTMLCanvasElement', 'HTMLVideoElement', 'ImageData', 'CanvasRenderingContext2D']) {
  globalThis[type] = class {};
}
Object.defineProperty(process, 'versions', { value: {} });
const faceapi = await import(pathToFileURL(join(modules, '@vladmandic/face-api/dist/face-api.esm.js')).href);
const { tf, nets } = faceapi;
await tf.setBackend('cpu');

const bytes = path => {
  const file = readFileSync(join(modules, '@vladmandic', path));
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
};

// The same formula is in the test.
const picture = side => tf.tensor4d(
  Float32Array.from({ length: side * side * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.trunc(i / 3) % side, Math.trunc(i / 3 / side)];
    return (x * (c + 2) + y * (3 - c) + ((x * y) >> 4)) & 255;
  }),
  [1, side, side, 3]);

const loadFaceApi = (net, name) => {
  const manifest = JSON.parse(Buffer.from(bytes(`face-api/model/${name}_model-weights_manifest.json`)).toString());
  const weights = tf.io.decodeWeights(bytes(`face-api/model/${name}_model.bin`), manifest.flatMap(group => group.weights));
  const anchors = weights['Output/extra_dim']?.dataSync().slice();
  net.loadFromWeightMap(weights);
  return anchors;
};

const loadHuman = name => {
  const model = JSON.parse(Buffer.from(bytes(`human/models/${name}.json`)).toString());
  return tf.loadGraphModel(tf.io.fromMemory({
    modelTopology: model.modelTopology,
    weightSpecs: model.weightsManifest.flatMap(group => group.weights),
    weightData: bytes(`human/models/${name}.bin`),
    signature: model.signature,
  }));
};

const numbers = (values, every = 1) => Array.from(values).filter((_, i) => i % every === 0).map(value => Number(value.toPrecision(8)));
const reference = {};

const anchors = loadFaceApi(nets.ssdMobilenetv1, 'ssd_mobilenetv1');
const found = await nets.ssdMobilenetv1.forward(picture(512));
const every = 37;
reference.ssd_mobilenetv1 = {
  every,
  boxes: Array.from(found.boxes[0].arraySync()).filter((_, i) => i % every === 0).map(box => numbers(box.map(edge => edge * 512))),
  scores: numbers(found.scores[0].dataSync(), every),
  anchors: Array.from({ length: anchors.length / 4 }, (_, i) => numbers(anchors.slice(4 * i, 4 * i + 4).map(edge => edge * 512))).filter((_, i) => i % every === 0),
};

loadFaceApi(nets.faceLandmark68Net, 'face_landmark_68');
reference.face_landmark_68 = numbers((await nets.faceLandmark68Net.forward(picture(112))).dataSync());

loadFaceApi(nets.faceRecognitionNet, 'face_recognition');
reference.face_recognition = numbers((await nets.faceRecognitionNet.forward(picture(150))).dataSync());

loadFaceApi(nets.ageGenderNet, 'age_gender');
const person = await nets.ageGenderNet.forward(picture(112));
reference.age_gender = { age: numbers(person.age.dataSync()), gender: numbers(person.gender.dataSync()) };

const faceres = await loadHuman('faceres');
const [gender, descriptor, age] = faceres.execute(picture(224), ['gender_pred/Sigmoid', 'global_pooling/Mean', 'age_pred/Softmax']);
reference.faceres = { every: 8, descriptor: numbers(descriptor.dataSync(), 8), gender: numbers(gender.dataSync()), age: numbers(age.dataSync()) };

reference.antispoof = numbers((await loadHuman('antispoof')).execute(picture(128).div(255)).dataSync());
reference.liveness = numbers((await loadHuman('liveness')).execute(picture(32).div(255)).dataSync());
console.log(JSON.stringify(reference));
