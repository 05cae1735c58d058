/** Reading a QR code with the camera, where the browser can. */

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats?: () => Promise<string[]>;
}

const LOOK_EVERY_MS = 250;

function detectorClass(): DetectorClass | undefined {
  return (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
}

/** Whether a QR code can be read here. */
export async function canScan(): Promise<boolean> {
  const found = detectorClass();
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!found || !devices) return false;
  const formats = (await found.getSupportedFormats?.().catch(() => [])) ?? [];
  return formats.includes('qr_code');
}

/**
 * Shows the camera in `video` and calls `found` with each text read, until the returned function is
 * called. Fails when the camera is refused.
 */
export async function scan(
  video: HTMLVideoElement,
  found: (text: string) => void,
): Promise<() => void> {
  const Detecting = detectorClass();
  if (!Detecting) throw new Error('no QR reader here');
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment' },
    audio: false,
  });
  const detector = new Detecting({ formats: ['qr_code'] });
  video.srcObject = stream;
  await video.play();
  const timer = setInterval(() => {
    void detector
      .detect(video)
      .then((codes) => codes.forEach((code) => found(code.rawValue)))
      .catch(() => undefined);
  }, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
}
