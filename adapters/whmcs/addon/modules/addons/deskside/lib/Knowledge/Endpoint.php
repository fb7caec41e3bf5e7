<?php

namespace WHMCS\Module\Addon\Deskside\Knowledge;

use WHMCS\Module\Addon\Deskside\Log;

/**
 * One request, one JSON object. `docs/whmcs-addon.md` of Deskside lists the operations.
 */
final class Endpoint
{
    public static function answer(): void
    {
        try {
            $request = new Request(Gate::pass());
            [$status, $answer] = [200, ['ok' => true] + self::done($request)];
        } catch (Refused $refused) {
            $status = $refused->status;
            $answer = ['ok' => false, 'error' => $refused->name, 'message' => $refused->getMessage()];
        } catch (\Throwable $error) {
            Log::error('a request for the knowledge base failed', $error);
            $status = 500;
            // The text of a database error holds the statement's values.
            $answer = ['ok' => false, 'error' => 'failed', 'message' => 'see the activity log of WHMCS'];
        }
        self::send($status, $answer);
    }

    /** @return array<string, mixed> */
    private static function done(Request $request): array
    {
        switch ($request->text('op')) {
            case 'describe':
                return Description::all();
            case 'list':
                return Articles::page($request->number('after', 0), $request->number('limit'));
            case 'read':
                return ['article' => Articles::one($request->number('id'))];
            case 'find':
                return ['id' => Own::byMarker($request->marker())];
            case 'categories':
                return ['categories' => Categories::all()];
            case 'create_category':
                return Categories::make($request->texts('path', 10));
            case 'create':
                return Writing::create($request);
            case 'write':
                return Writing::write($request);
            case 'file':
                return Writing::file($request);
            case 'archive':
                return Writing::archive($request->number('id'));
            case 'upload':
                return Files::take($request->text('content'));
            default:
                throw new Refused(400, 'unknown_operation', 'this version of the addon does not know this operation');
        }
    }

    /** @param array<string, mixed> $answer */
    private static function send(int $status, array $answer): void
    {
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
        http_response_code($status);
        header('Content-Type: application/json; charset=utf-8');
        header('Cache-Control: no-store');
        header('X-Content-Type-Options: nosniff');
        echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
        exit;
    }
}
